/** What is known of a file or directory, as the API says it and as frames carry it. */
import { protocolError, TransferError } from '../errors.js';
import { isFieldText } from './fields.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from './remote-path.js';

/** A file or a directory. Nothing else is ever shown: symbolic links, devices and sockets are not served. */
export type FileKind = 'file' | 'directory';

/** The latest time of change, in milliseconds since 1970: no Date of JavaScript holds a later one. */
export const MAX_MTIME_MS = 8.64e15;

/** A file or directory of a storage. */
export interface FileEntry {
  /** Its path from the storage's root, `/`-separated; the root itself is `''`. */
  readonly path: RemotePath;
  readonly kind: FileKind;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** When the content was last changed. Carried in whole milliseconds. */
  readonly mtime: Date;
  /** A strong validator: it changes whenever the bytes may have changed. Opaque. Directories have none. */
  readonly etag?: string | undefined;
}

/** The fields of a frame that say an entry. */
export interface EntryFields {
  path?: string | undefined;
  kind?: string | undefined;
  size?: number | undefined;
  mtime?: number | undefined;
  etag?: string | undefined;
}

/** An entry as the fields of a frame. Throws EIO for one that no frame can say: its storage is wrong. */
export function entryFields(entry: FileEntry): EntryFields & { path: string; kind: FileKind } {
  const { path, kind, etag, size } = entry;
  const mtime = Math.max(0, Math.trunc(entry.mtime.getTime()));
  if (!Number.isSafeInteger(mtime)) throw new TransferError('EIO', 'The storage gives no time of change.');
  if (kind === 'directory') return { path, kind, mtime };
  if (!Number.isSafeInteger(size) || size < 0) throw new TransferError('EIO', 'The storage gives no size.');
  if (etag !== undefined && !isFieldText(etag))
    throw new TransferError('EIO', 'The storage gives no good etag.');
  return { path, kind, size, mtime, etag };
}

/** The entry that a frame's fields say; throws EPROTO, or what is wrong with the path, where they do not. */
export function parseEntry(fields: EntryFields): FileEntry {
  const { kind, etag, size = 0, mtime = 0 } = fields;
  if (kind !== 'file' && kind !== 'directory') throw protocolError('An entry has no known kind.');
  if (mtime > MAX_MTIME_MS) throw protocolError('An entry has a time that no date can hold.');
  const path = fields.path === undefined || fields.path === '' ? REMOTE_ROOT : parseRemotePath(fields.path);
  return { path, kind, size, mtime: new Date(mtime), ...(etag === undefined ? {} : { etag }) };
}
