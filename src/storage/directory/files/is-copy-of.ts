/** Comparing the bytes of a file with those that were copied from it. */
import { TransferError } from '../../../errors.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { mayHaveSameBytes } from '../../../protocol/may-have-same-bytes.js';
import { isSameVersion } from '../../../protocol/weak-etag.js';
import type { StoredFile } from '../../storage.js';
import type { DirectoryContext } from '../directory-context.js';
import { OpenedFile } from './opened-file.js';

const COMPARED_BYTES = 256 * 1024;

type Readable = Pick<StoredFile, 'read'>;

type OnProgress = (() => void) | undefined;

/**
 * Whether a copy of a version is a copy of the version that the file is now, too. After a change of the metadata the etag
 * does not tell, and the bytes are compared.
 *
 * @param onProgress - called for each piece that is compared
 */
export async function isCopyOf(
  copy: Readable,
  versions: { copied: FileEntry; now: FileEntry; file: Readable },
  onProgress: OnProgress,
): Promise<boolean> {
  const { copied, now, file } = versions;
  if (isSameVersion(now.etag, copied.etag)) return true;
  return mayHaveSameBytes(copied, now) && hasSameBytes(copy, { file, size: copied.size, onProgress });
}

/** The present etag of a copied version. ESTALE if the file has changed. `onProgress` is as of `isCopyOf`. */
export async function presentEtagOf(
  copied: FileEntry,
  { context, copy, onProgress }: { context: DirectoryContext; copy: Readable; onProgress: OnProgress },
): Promise<string | undefined> {
  // Where there is no file any more, the caller finds out.
  const file = await OpenedFile.open(context, copied.path).catch(() => undefined);
  if (!file) return copied.etag;
  try {
    const { entry: now } = file;
    if (!(await isCopyOf(copy, { copied, now, file }, onProgress))) throw new TransferError('ESTALE');
    return now.etag;
  } finally {
    await file.close();
  }
}

/** Whether two files begin with the same bytes. */
async function hasSameBytes(
  copy: Readable,
  { file, size, onProgress }: { file: Readable; size: number; onProgress: OnProgress },
): Promise<boolean> {
  const buffers = [Buffer.allocUnsafe(COMPARED_BYTES), Buffer.allocUnsafe(COMPARED_BYTES)] as const;
  for (let position = 0; position < size;) {
    const read = Math.min(COMPARED_BYTES, size - position);
    const [a, b] = [buffers[0].subarray(0, read), buffers[1].subarray(0, read)];
    const bytes = await copy.read(a, position);
    if (bytes === 0 || (await readAll(file, b.subarray(0, bytes), position)) < bytes) return false;
    if (!a.subarray(0, bytes).equals(b.subarray(0, bytes))) return false;
    position += bytes;
    onProgress?.();
  }
  return true;
}

/** Reads until the buffer is full or the file ends. */
async function readAll(file: Readable, target: Buffer, position: number): Promise<number> {
  let bytes = 0;
  while (bytes < target.length) {
    const read = await file.read(target.subarray(bytes), position + bytes);
    if (read === 0) break;
    bytes += read;
  }
  return bytes;
}
