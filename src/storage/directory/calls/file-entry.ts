/** Entries out of what the system knows of a file. */
import { TransferError } from '../../../errors.js';
import type { FileEntry, FileKind } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { Stats } from './file-calls.js';

/** The entry of a file or directory. Throws ELOOP for a symbolic link, EACCES for all else that is not served. */
export function toFileEntry(path: RemotePath, stats: Stats): FileEntry {
  const kind = kindOf(stats);
  const mtime = new Date(Number(stats.mtimeMs));
  if (kind === 'directory') return { path, kind, size: 0, mtime };
  return { path, kind, size: Number(stats.size), mtime, etag: etagOf(stats) };
}

/** Whether it is a file or a directory. Throws ELOOP for a symbolic link, EACCES for all else. */
export function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink())
    throw new TransferError('ELOOP', 'It is a symbolic link, which is not followed.');
  throw new TransferError('EACCES', 'It is neither a file nor a directory.');
}

/**
 * A strong validator. Which file it is, its size and its times in nanoseconds: the time of the last change to the
 * inode, which no program can set, is there for those who write and set the other one back.
 */
export function etagOf({ dev, ino, size, mtimeNs, ctimeNs }: Stats): string {
  const which = `${dev.toString(36)}-${ino.toString(36)}-${size.toString(36)}`;
  return `${which}-${mtimeNs.toString(36)}-${ctimeNs.toString(36)}`;
}

/** Whether two findings are of the same file or directory, whatever its name is now. */
export function isSameFile(one: Pick<Stats, 'dev' | 'ino'>, other: Pick<Stats, 'dev' | 'ino'>): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** The bits that say who may do what with a file; those that run it as somebody else are not among them. */
export function permissionsOf({ mode }: Stats): number {
  return Number(mode & 0o777n);
}
