/** A file or directory, in the API and as fields of a frame. */
import { protocolError, TransferError } from '../errors.js';
import { isFieldText } from './fields.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from './remote-path.js';

/** Symbolic links, devices and sockets are not served. */
export type FileKind = 'file' | 'directory';

/** The latest modification time, in ms since 1970: the maximum of a Date. */
export const MAX_MTIME_MS = 8.64e15;

/** A file or directory of a storage. */
export interface FileEntry {
  /** The path from the root of the storage, with `/`; `''` for the root. */
  readonly path: RemotePath;
  readonly kind: FileKind;
  /** Size in bytes; 0 for a directory. */
  readonly size: number;
  /** Modification time, in whole milliseconds. */
  readonly mtime: Date;
  /**
   * Changes whenever the content may have changed, unless it is weak: then it begins with `W/` and satisfies no `ifMatch`.
   * Directories have none.
   */
  readonly etag?: string | undefined;
}

/** The fields of an entry in a frame. */
export interface EntryFields {
  path?: string | undefined;
  kind?: string | undefined;
  size?: number | undefined;
  mtime?: number | undefined;
  etag?: string | undefined;
}

/** The fields of an entry. Throws EIO if the storage returned an invalid entry. */
export function entryFields(entry: FileEntry): EntryFields & { path: string; kind: FileKind } {
  const { path, kind, etag, size } = entry;
  const mtime = Math.max(0, Math.trunc(entry.mtime.getTime()));
  if (!Number.isSafeInteger(mtime))
    throw new TransferError('EIO', 'The storage returned an invalid modification time.');
  if (kind === 'directory') return { path, kind, mtime };
  if (!Number.isSafeInteger(size) || size < 0)
    throw new TransferError('EIO', 'The storage returned an invalid size.');
  if (etag !== undefined && !isFieldText(etag))
    throw new TransferError('EIO', 'The storage returned an etag with control characters.');
  return { path, kind, size, mtime, etag };
}

/** Parses the fields of an entry. Throws EPROTO, or an error of the path. */
export function parseEntry(fields: EntryFields): FileEntry {
  const { kind, etag, size = 0, mtime = 0 } = fields;
  if (kind !== 'file' && kind !== 'directory')
    throw protocolError('The kind of an entry must be file or directory.');
  if (mtime > MAX_MTIME_MS)
    throw protocolError(`The mtime of an entry must be at most ${MAX_MTIME_MS}, not ${mtime}.`);
  const path = fields.path === undefined || fields.path === '' ? REMOTE_ROOT : parseRemotePath(fields.path);
  return { path, kind, size, mtime: new Date(mtime), ...(etag === undefined ? {} : { etag }) };
}
