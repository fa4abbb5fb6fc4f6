/** Sends a body that is known as a whole. */
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { Exchange } from './exchange.js';

/** Accepts the request, and sends the body and the result. `defaultAlgorithm`: of its checksum, if the client names none. */
export async function sendBody(
  exchange: Exchange,
  body: Buffer,
  defaultAlgorithm: ChecksumAlgorithm,
): Promise<void> {
  const { checksum } = exchange.request;
  const algorithm = checksum === undefined ? defaultAlgorithm : parseChecksumAlgorithm(checksum);
  const check = new BodyChecksum(algorithm);
  check.update(body);
  exchange.accept({ size: body.length, checksum: algorithm });
  await exchange.writeLast(body, { bytes: body.length, checksum: check.digest() });
}
