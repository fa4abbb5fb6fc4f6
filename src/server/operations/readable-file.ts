/** Reads from a storage. Checks the results of `read`, since the storage may be code of the user. */
import { TransferError } from '../../errors.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';

/** Of one read. Each read is a call in the thread pool; in smaller chunks these calls take most of the time. */
const CHUNK_BYTES = 256 * 1024;

export type ReadableFile = Pick<StoredFile, 'read'>;

/** Reads a part of a file. Each piece is valid until the next one. Throws when the request is cancelled. */
export async function* readRange(
  exchange: Exchange,
  file: ReadableFile,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, to - from));
  for (let position = from; position < to;) {
    exchange.throwIfCancelled();
    const piece = await readSome(file, buffer.subarray(0, to - position), position);
    position += piece.length;
    exchange.onProgress();
    yield piece;
  }
  exchange.throwIfCancelled();
  return undefined;
}

/** As `readRange`. Throws ESTALE at the end if the file has changed since it was opened. */
export async function* readVersion(
  exchange: Exchange,
  file: StoredFile,
  range: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  yield* readRange(exchange, file, range);
  if ((await file.etag()) !== file.entry.etag) throw new TransferError('ESTALE');
  return undefined;
}

/** One read into a buffer. Throws ESTALE at the end of the file: the file has become shorter. */
export async function readSome(file: ReadableFile, target: Buffer, position: number): Promise<Buffer> {
  const bytes = await file.read(target, position);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > target.length) {
    throw new TransferError(
      'EIO',
      `The storage returned ${String(bytes)} from a read of ${target.length} bytes.`,
    );
  }
  if (bytes === 0) throw new TransferError('ESTALE', 'The file became shorter while it was read.');
  return target.subarray(0, bytes);
}
