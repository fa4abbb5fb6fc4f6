/** Reading from a storage, whose word on how much it has read is checked: it may be anybody's. */
import { TransferError } from '../../errors.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';

/** Bytes read at once: each read costs a trip through the thread pool, and below this the trips are what one waits for. */
const CHUNK_BYTES = 256 * 1024;

/** What can be read by position. */
export type ReadableFile = Pick<StoredFile, 'read'>;

/** Bytes after which a client that waits for the sum of a file is told that somebody is at work. */
const SIGN_BYTES = 1024 * 1024;

/** A part of a file, as long as the request is not cancelled; a piece is valid until the next is asked for. */
export async function* readRange(
  exchange: Exchange,
  file: ReadableFile,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, to - from));
  let signAt = from + SIGN_BYTES;
  for (let position = from; position < to;) {
    exchange.throwIfCancelled();
    if (position >= signAt) {
      exchange.sendKeepAlive();
      signAt = position + SIGN_BYTES;
    }
    const piece = await readSome(file, buffer.subarray(0, to - position), position);
    position += piece.length;
    yield piece;
  }
  exchange.throwIfCancelled();
  return undefined;
}

/** A part of an open file, as `readRange` gives it. Throws ESTALE behind it if the file has changed since it was opened. */
export async function* readVersion(
  exchange: Exchange,
  file: StoredFile,
  range: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  yield* readRange(exchange, file, range);
  if ((await file.etag()) !== file.entry.etag) throw new TransferError('ESTALE');
  return undefined;
}

/** Fills a buffer from a position on, as far as one read goes. Throws ESTALE at the end of a file that became shorter. */
export async function readSome(file: ReadableFile, target: Buffer, position: number): Promise<Buffer> {
  const bytes = await file.read(target, position);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > target.length) {
    throw new TransferError('EIO', 'The storage does not say how much it has read.');
  }
  if (bytes === 0) throw new TransferError('ESTALE', 'The file changed while it was read.');
  return target.subarray(0, bytes);
}
