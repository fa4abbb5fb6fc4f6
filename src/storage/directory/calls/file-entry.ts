/** File entries made from the metadata of the file system. */
import { TransferError } from '../../../errors.js';
import { fileDate } from '../../../fs/file-time.js';
import type { FileEntry, FileKind } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { Stats } from './file-calls.js';

/** Whether files have permission bits: Node makes up those that it reports on Windows. */
export const HAS_MODES = process.platform !== 'win32';

/** The entry of a file or directory. Throws ELOOP for a symbolic link, EACCES for any other kind. */
export function toFileEntry(path: RemotePath, stats: Stats): FileEntry {
  const kind = kindOf(stats);
  const mtime = fileDate(stats.mtimeNs);
  const mode = HAS_MODES ? permissionsOf(stats) : undefined;
  if (kind === 'directory') return { path, kind, size: 0, mtime, mode };
  return { path, kind, size: Number(stats.size), mtime, etag: etagOf(stats), mode };
}

/** Throws ELOOP for a symbolic link, EACCES for any other kind than a file or directory. */
export function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink())
    throw new TransferError('ELOOP', 'The path is a symbolic link, and links are not followed.');
  throw new TransferError('EACCES', 'The path is neither a file nor a directory.');
}

/**
 * A strong validator: device, inode, size and times in nanoseconds. No program can set `ctime`, so it reveals a write
 * after which `mtime` was set back.
 */
export function etagOf({ dev, ino, size, mtimeNs, ctimeNs }: Stats): string {
  const identity = `${dev.toString(36)}-${ino.toString(36)}-${size.toString(36)}`;
  return `${identity}-${mtimeNs.toString(36)}-${ctimeNs.toString(36)}`;
}

/** Whether both are of the same file or directory, under whatever names. */
export function isSameFile(one: Pick<Stats, 'dev' | 'ino'>, other: Pick<Stats, 'dev' | 'ino'>): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** The permission bits of a file, without set-user-ID, set-group-ID and sticky. */
export function permissionsOf({ mode }: Stats): number {
  return Number(mode) & 0o777;
}
