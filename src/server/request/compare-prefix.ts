/** Compares what a client has of a file with the file. */
import { TransferError } from '../../errors.js';
import { createChecksum, isChecksum, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { Exchange } from './exchange.js';

/** Throws EBADMSG unless the client's checksum matches these pieces of the file, from `since` to `offset`. */
export async function comparePrefix(
  { request: { since = 0, offset = 0, prefix = '', checksum } }: Exchange,
  algorithm: ChecksumAlgorithm,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  if (checksum === undefined)
    throw new TransferError('EINVAL', 'A download with a prefix must name the checksum of the prefix.');
  if (since > offset)
    throw new TransferError('EINVAL', `The start of the prefix, ${since}, is after its end, ${offset}.`);
  if (!isChecksum(algorithm, prefix)) {
    throw new TransferError('EINVAL', `The checksum of the prefix must use ${algorithm}.`);
  }
  const sum = createChecksum(algorithm);
  for await (const piece of pieces) sum.update(piece);
  if (sum.digest() !== prefix) {
    throw new TransferError('EBADMSG', 'The partial file of the client differs from the file.');
  }
}
