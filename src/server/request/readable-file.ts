/** Reads from a storage. Checks the results of `read`, since the storage may be code of the user. */
import { TransferError } from '../../errors.js';
import { createChecksum, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { mayHaveSameBytes } from '../../protocol/may-have-same-bytes.js';
import { isSameVersion, mayBeSameVersion } from '../../protocol/weak-etag.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from './exchange.js';

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

/** As `readRange`. Throws ESTALE at the end if more than the metadata of the file has changed since it was opened. */
export async function* readVersion(
  exchange: Exchange,
  file: StoredFile,
  range: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  yield* readRange(exchange, file, range);
  await presentEtag(file);
  return undefined;
}

/** A range of a file that was read before, with the checksum of its bytes. */
export interface ReadBefore {
  readonly from: number;
  readonly to: number;
  readonly checksum: string | undefined;
}

/**
 * The etag of the version that these ranges are of, after they were read. If only the metadata has changed meanwhile, the
 * etag says nothing about the bytes, and the ranges are read again: what was the same in both readings is what the file
 * held between them, when it had the returned etag. ESTALE if the file has changed, or the ranges cannot be compared.
 */
export async function confirmVersion(
  exchange: Exchange,
  file: StoredFile,
  ranges: { readonly algorithm: ChecksumAlgorithm; readonly read: readonly ReadBefore[] } | undefined,
): Promise<string | undefined> {
  const etag = await presentEtag(file);
  if (isSameVersion(etag, file.entry.etag)) return etag;
  if (!ranges || ranges.algorithm === 'none') {
    if (mayBeSameVersion(etag, file.entry.etag)) return etag;
    throw changedError();
  }
  for (const { from, to, checksum } of ranges.read) {
    const sum = createChecksum(ranges.algorithm);
    for await (const piece of readRange(exchange, file, { from, to })) sum.update(piece);
    if (sum.digest() !== checksum) throw changedError();
  }
  return etag;
}

/** The etag of an open file as it is now. Throws ESTALE if more than its metadata has changed. */
async function presentEtag(file: StoredFile): Promise<string | undefined> {
  const etag = await file.etag();
  if (etag === file.entry.etag) return etag;
  const now = await file.stat?.();
  if (!now || !mayHaveSameBytes(file.entry, now)) throw changedError();
  return now.etag;
}

function changedError(): TransferError {
  return new TransferError('ESTALE', 'The file changed while it was read.');
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
