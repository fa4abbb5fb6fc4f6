/** Whether two entries are of the same version of a file. */
import type { FileEntry } from './entry.js';

/**
 * Whether the bytes may be the same although the etags differ: a change of permissions, names or other metadata changes
 * the etag of a file, but neither its size nor its modification time.
 */
export function mayHaveSameBytes(
  before: Pick<FileEntry, 'size' | 'mtime'>,
  { size, mtime }: Pick<FileEntry, 'size' | 'mtime'>,
): boolean {
  return size === before.size && mtime.getTime() === before.mtime.getTime();
}
