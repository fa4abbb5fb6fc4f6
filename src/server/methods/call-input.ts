/** The input of a call: a field of its `open`, or the body of the client. */
import { isUtf8 } from 'node:buffer';
import { bufferPool } from '../../buffers/buffer-pool.js';
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { decodeValue, tooLarge } from '../../protocol/methods/json-value.js';
import { checkUploadEnd, wrongSize } from '../operations/upload-result.js';
import type { Exchange } from '../request/exchange.js';

/** Returns the input, or a promise of a body; undefined if there is none. EINVAL if it is not JSON, EMSGSIZE if it is too long. */
export function callInput(exchange: Exchange, maxBytes: number): unknown {
  const { value, size } = exchange.request;
  if (size !== undefined && value !== undefined)
    throw new TransferError('EINVAL', 'A call has its input in value or in a body, not in both.');
  if (size !== undefined) return receiveText(exchange, maxBytes).then(parse);
  return value === undefined ? undefined : parse(value);
}

function parse(text: string): unknown {
  try {
    return decodeValue(text);
  } catch (thrown) {
    throw new TransferError('EINVAL', `The input ${(thrown as TypeError).message}.`);
  }
}

async function receiveText(exchange: Exchange, maxBytes: number): Promise<string> {
  const { size = 0, checksum } = exchange.request;
  if (size > maxBytes) throw tooLarge('input', size, maxBytes);
  if (checksum === undefined)
    throw new TransferError('EINVAL', 'A call with a body needs a checksum: its algorithm.');
  const check = new BodyChecksum(parseChecksumAlgorithm(checksum));
  exchange.grantEarly(size);
  const pieces: Buffer[] = [];
  for (let read = await exchange.reader.read(); read; read = await exchange.reader.read()) {
    exchange.reader.addTo(check, read);
    // Not at the end: each read lets the client send more.
    if (check.bytes > size) throw wrongSize(size);
    pieces.push(...read);
  }
  if (check.bytes !== size) throw wrongSize(size);
  checkUploadEnd(exchange.reader.end, check);
  exchange.throwIfCancelled();
  const bytes = Buffer.concat(pieces);
  bufferPool.releaseAll(pieces);
  if (!isUtf8(bytes)) throw new TransferError('EINVAL', 'The input is not UTF-8.');
  return bytes.toString();
}
