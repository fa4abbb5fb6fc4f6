/**
 * How a call gets a part for itself: it opens the part or makes one, locks it, and looks whether that is still the one
 * that has the name. What is known of it from before the lock is worth nothing: another call may have written it since.
 */
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { localError } from '../local-error.js';
import { isLocked, LOCK_FLAG, lockFile, type FileIdentity } from './lock-file.js';
import type { LocalTarget } from '../local-target.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A part that is not what it was when it was opened belongs to one who is quicker; after so many it is given up. */
const MAX_TRIES = 10;

/** What a part's owner may do with it, whatever the permissions of the file that it is to replace. */
const OWNER_MODE = 0o600;

/** A part that is open and locked. */
export interface AcquiredPart {
  readonly handle: FileHandle;
  /** Of the time after it was locked. */
  readonly stats: BigIntStats;
  readonly unlock: () => Promise<void>;
}

/** The part of a target, a new one of this mode or one that was left. EBUSY if another call writes it. */
export async function acquirePart(target: LocalTarget, mode: number): Promise<AcquiredPart> {
  try {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const part = await openLocked(target.partPath, mode | OWNER_MODE);
      if (part) return part;
    }
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  throw partBusyError(target);
}

/** That a target's part is another call's, or somebody else has given its name to another file. */
export function partBusyError(target: LocalTarget): Error {
  return localError('EBUSY', target.path, { meaning: 'Another download to it is under way.' });
}

/** Whether two files are one. */
export function isSameFile(one: FileIdentity, other: FileIdentity | undefined): boolean {
  return other?.ino === one.ino && other.dev === one.dev;
}

/** Opens a part and locks it; undefined where that is to be tried again. */
async function openLocked(partPath: string, mode: number): Promise<AcquiredPart | undefined> {
  const handle = await openOrCreate(partPath, mode);
  if (!handle) return undefined;
  let unlock = async (): Promise<void> => undefined;
  try {
    const opened = await handle.stat({ bigint: true });
    unlock = await lockFile(opened);
    // Until the lock was there, another call may have written it, given it its name, or removed it.
    const stats = await unlessMissing(fs.lstat(partPath, { bigint: true }));
    if (stats && isSameFile(opened, stats)) {
      if (isOwn(stats)) return { handle, stats, unlock };
      await fs.unlink(partPath);
    }
  } catch (error) {
    await handle.close();
    await unlock();
    throw error;
  }
  await handle.close();
  await unlock();
  return undefined;
}

async function openOrCreate(partPath: string, mode: number): Promise<FileHandle | undefined> {
  const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | LOCK_FLAG;
  try {
    return await fs.open(partPath, flags);
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM') && (await isAllowed(partPath))) return undefined;
    if (hasErrno(error, 'ELOOP', 'EMLINK', 'EFTYPE')) await fs.unlink(partPath);
    else if (!hasErrno(error, 'ENOENT')) throw error;
  }
  try {
    return await fs.open(partPath, flags | O_CREAT | O_EXCL, mode);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** Allows the owner to go on with a part that has its last permissions already; false where that is not what it lacks. */
async function isAllowed(partPath: string): Promise<boolean> {
  const stats = await unlessMissing(fs.lstat(partPath, { bigint: true }));
  if (!stats || !isOwn(stats) || (Number(stats.mode) & OWNER_MODE) === OWNER_MODE) return false;
  // Not while another call is about to give it its name.
  const unlock = await lockFile(stats);
  try {
    await unlessMissing(fs.chmod(partPath, OWNER_MODE));
  } finally {
    await unlock();
  }
  return true;
}

/** Whether nobody else can write what this call has verified: by another name of the file, or as its owner. */
function isOwn(stats: BigIntStats): boolean {
  const uid = process.geteuid?.();
  return stats.isFile() && stats.nlink === 1n && (uid === undefined || stats.uid === BigInt(uid));
}
