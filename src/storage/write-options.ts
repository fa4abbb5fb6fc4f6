/** Checks of the options of a write that all storages share. */
import { TransferError } from '../errors.js';
import { isMode, type FileKind } from '../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { StorageWriteOptions } from './storage.js';

/** Throws EISDIR for the root, and EINVAL for an invalid date or mode: the protocol's integers exceed the range of both. */
export function checkWriteOptions(path: RemotePath, { mtime, mode }: StorageWriteOptions): void {
  if (path === REMOTE_ROOT) throw new TransferError('EISDIR');
  if (mtime) checkModificationTime(mtime);
  if (mode !== undefined) checkMode(mode);
}

/** Throws EINVAL for an invalid date. */
export function checkModificationTime(mtime: Date): void {
  if (Number.isNaN(mtime.getTime())) throw new TransferError('EINVAL', 'mtime is not a valid date.');
}

/** Throws EINVAL for anything but permission bits. */
export function checkMode(mode: number): void {
  if (!isMode(mode))
    throw new TransferError('EINVAL', `A mode must be an integer from 0 to 0o777, not ${String(mode)}.`);
}

/** Throws EISDIR, EEXIST or ESTALE if the options do not allow replacing what exists at the path. */
export function checkReplaceable(
  path: RemotePath,
  existing: { readonly kind: FileKind; readonly etag?: string | undefined } | undefined,
  { overwrite, ifMatch }: StorageWriteOptions,
): void {
  if (existing?.kind === 'directory') throw new TransferError('EISDIR', undefined, { path });
  if (existing && !overwrite) throw new TransferError('EEXIST', undefined, { path });
  if (ifMatch !== undefined && existing?.etag !== ifMatch)
    throw new TransferError('ESTALE', undefined, { path });
}
