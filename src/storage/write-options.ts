/** What every storage asks of the options of a write, before it begins. */
import { TransferError } from '../errors.js';
import { REMOTE_ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { StorageWriteOptions } from './storage.js';

/** Throws EISDIR for the root, EINVAL for a time that is none: integers of the protocol reach beyond all dates. */
export function checkWriteOptions(path: RemotePath, { mtime }: StorageWriteOptions): void {
  if (path === REMOTE_ROOT) throw new TransferError('EISDIR');
  if (mtime) checkModificationTime(mtime);
}

/** Throws EINVAL for a time that is not a date. */
export function checkModificationTime(mtime: Date): void {
  if (Number.isNaN(mtime.getTime())) throw new TransferError('EINVAL', 'The time is not a date.');
}
