/** Reading from a storage, whose word on how much it has read is checked: it may be anybody's. */
import { TransferError } from '../../errors.js';
import type { StoredFile } from '../../storage/storage.js';

/** Bytes read at once: each read costs a trip through the thread pool, and below this the trips are what one waits for. */
export const CHUNK_BYTES = 256 * 1024;

/** Fills a buffer from a position on, as far as one read goes. Throws ESTALE at the end of a file that became shorter. */
export async function readSome(file: StoredFile, target: Buffer, position: number): Promise<Buffer> {
  const bytes = await file.read(target, position);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > target.length) {
    throw new TransferError('EIO', 'The storage does not say how much it has read.');
  }
  if (bytes === 0) throw new TransferError('ESTALE', 'The file changed while it was read.');
  return target.subarray(0, bytes);
}
