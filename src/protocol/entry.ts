/** A file or directory, in the API and as fields of a frame. */
import { protocolError, TransferError } from '../errors.js';
import { isFieldText } from './fields.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from './remote-path.js';

/** Symbolic links, devices and sockets are not served. */
export type FileKind = 'file' | 'directory';

/** The range of modification times, in ms before and after 1970: that of a Date. */
export const MAX_MTIME_MS = 8.64e15;

/** The permission bits of a file or directory, as in POSIX: read, write and execute for owner, group and others. */
export const MAX_MODE = 0o777;

/** A file or directory of a storage. */
export interface FileEntry {
  /** The path from the root of the storage, with `/`; `''` for the root. */
  readonly path: RemotePath;
  readonly kind: FileKind;
  /** Size in bytes; 0 for a directory. */
  readonly size: number;
  /** Modification time, rounded to milliseconds. One that no Date can hold is the nearest Date. */
  readonly mtime: Date;
  /**
   * Changes whenever the content may have changed, unless it is weak: then it begins with `W/` and satisfies no `ifMatch`.
   * Directories have none.
   */
  readonly etag?: string | undefined;
  /** Permission bits as in POSIX, 0 to 0o777. Undefined if the storage has none. */
  readonly mode?: number | undefined;
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** The fields of an entry in a frame. */
export interface EntryFields {
  path?: string | undefined;
  kind?: string | undefined;
  size?: number | undefined;
  mtime?: number | undefined;
  etag?: string | undefined;
  mode?: number | undefined;
}

/** The fields of an entry. Throws EIO if the storage returned an invalid entry. */
export function entryFields(entry: FileEntry): EntryFields & { path: string; kind: FileKind } {
  const { path, kind, etag, size, mode } = entry;
  const mtime = entry.mtime.getTime();
  if (Number.isNaN(mtime))
    throw new TransferError('EIO', 'The storage returned an invalid modification time.');
  if (mode !== undefined && !isMode(mode))
    throw new TransferError('EIO', 'The storage returned permission bits that are not 0 to 0o777.');
  if (kind === 'directory') return mode === undefined ? { path, kind, mtime } : { path, kind, mtime, mode };
  if (!Number.isSafeInteger(size) || size < 0)
    throw new TransferError('EIO', 'The storage returned an invalid size.');
  if (etag !== undefined && (etag === '' || !isFieldText(etag)))
    throw new TransferError('EIO', 'The storage returned an etag that is empty or has control characters.');
  return { path, kind, size, mtime, etag, mode };
}

/** Parses the fields of an entry, of one kind if that is given. Throws EPROTO, or an error of the path. */
export function parseEntry(fields: EntryFields, expected?: FileKind): FileEntry {
  const { kind, etag, size, mtime, mode } = fields;
  if ((kind !== 'file' && kind !== 'directory') || (expected !== undefined && kind !== expected))
    throw protocolError(`The kind of the entry must be ${expected ?? 'file or directory'}.`);
  if (mtime === undefined) throw protocolError('The entry must have an mtime.');
  if (Math.abs(mtime) > MAX_MTIME_MS)
    throw protocolError(`The mtime of an entry must be within ${MAX_MTIME_MS} ms of 1970, not ${mtime}.`);
  const path = fields.path === undefined || fields.path === '' ? REMOTE_ROOT : parseRemotePath(fields.path);
  if (mode !== undefined && !isMode(mode))
    throw protocolError(`The mode of an entry must be 0 to ${MAX_MODE}, not ${mode}.`);
  // Spreading optional fields would take longer than all of the above.
  const entry: Mutable<FileEntry> = { path, kind, size: 0, mtime: new Date(mtime) };
  if (kind === 'file') {
    if (size === undefined) throw protocolError('The entry of a file must have a size.');
    if (etag === '') throw protocolError('The etag of an entry must not be empty.');
    entry.size = size;
    if (etag !== undefined) entry.etag = etag;
  }
  if (mode !== undefined) entry.mode = mode;
  return entry;
}

/** Whether a number has only permission bits: neither set-user-ID, set-group-ID nor sticky. */
export function isMode(mode: number): boolean {
  return Number.isInteger(mode) && mode >= 0 && mode <= MAX_MODE;
}
