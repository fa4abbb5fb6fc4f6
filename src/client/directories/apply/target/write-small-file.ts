/**
 * Writes a small file by one synchronous call sequence, which costs less than waiting for a single call.
 *
 *     lstat: as planned? -> open a temporary file, write, permission bits, times, close -> rename
 */
import fs, { type Stats } from 'node:fs';
import { TransferError } from '../../../../errors.js';
import { fileTime } from '../../../../fs/file-time.js';
import type { SyncVersion } from '../../sync-action.js';
import { fsPath } from './named-place.js';
import { isVersion } from './sync-target.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

/** The flags that create a temporary file. */
export const NEW_FILE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Permissions of a new file, before the umask of the process. */
export const NEW_FILE_MODE = 0o666;

/** The bits of a mode that are set. */
export const PERMISSION_BITS = 0o777;

/** What a new file replaces, and what it gets. All paths are local paths below the root, which `localPathOf` has checked. */
export interface FilePlan {
  readonly path: string;
  /** The version that it replaces. */
  readonly target: SyncVersion | undefined;
  readonly mtimeMs: number | undefined;
  readonly mode: number | undefined;
}

/** Creates a file at a temporary path and renames it to its path; removes it if a call fails. EEXIST, ESTALE, ENOENT, ENOSPC, ... */
export function writeSmallFile(
  { temporary, target }: { readonly temporary: string; readonly target: string },
  plan: FilePlan,
  bytes: Uint8Array,
): true {
  const [from, to] = [fsPath(temporary), fsPath(target)];
  const stats = fs.lstatSync(to, { throwIfNoEntry: false });
  assertPlanned(plan.target, stats);
  try {
    fill(from, { ...plan, mode: plan.mode ?? stats?.mode }, bytes);
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    remove(from);
    throw error;
  }
}

function fill(path: string | Buffer, { mode, mtimeMs }: FilePlan, bytes: Uint8Array): void {
  const fd = fs.openSync(path, NEW_FILE_FLAGS, NEW_FILE_MODE);
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(fs.writeSync(fd, rest));
    if (mode !== undefined) fs.fchmodSync(fd, mode & PERMISSION_BITS);
    if (mtimeMs !== undefined) fs.futimesSync(fd, Date.now() / 1000, fileTime(new Date(mtimeMs)));
  } finally {
    // Some file systems report a full disk only here.
    fs.closeSync(fd);
  }
}

/** EEXIST for an entry that the plan does not know, ESTALE for another version, ENOENT for a missing one. */
export function assertPlanned(target: SyncVersion | undefined, stats: Stats | undefined): void {
  if (!target) {
    if (!stats) return;
    throw new TransferError('EEXIST', 'The target has appeared since the plan was made.');
  }
  if (!stats) throw new TransferError('ENOENT', 'The target has disappeared since the plan was made.');
  if (!stats.isFile() || !isVersion(target, stats))
    throw new TransferError('ESTALE', 'The target has changed since the plan was made.');
}

function remove(path: string | Buffer): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // It was not created, or is renamed.
  }
}
