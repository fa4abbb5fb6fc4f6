/**
 * Opens the part file of a target for one call.
 *
 *     open or create -> lockFile -> does the file still have the name? -yes-> acquired   -no-> try again
 *
 * Only what is read after the lock counts: another call may have written, renamed or removed the file before.
 */
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { setTimeout } from '../../../clock.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { localError } from '../local-error.js';
import { isLocked, LOCK_FLAG, lockFile, type FileIdentity } from './lock-file.js';
import type { LocalTarget } from '../local-target.js';
import { isOfPart } from './part-metadata.js';
import { MAX_PART_NAMES } from './part-names.js';
import { runningSweeps } from './running-sweeps.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Attempts to lock a part file that other calls replace meanwhile. */
const MAX_ATTEMPTS = 10;

/** Pauses in ms while a process that sweeps the directory may have locked the part. */
const SWEEP_PAUSES_MS = [5, 10, 20, 50, 100, 200];

/** The part files that downloads of this process have locked. */
const ownParts = new Set<FileIdentity>();

/** The owner may read and write a part, whatever the permissions of the file that it replaces. */
export const OWNER_MODE = 0o600;

/** An open and locked part file. */
export interface AcquiredPart {
  readonly handle: FileHandle;
  /** Read after the lock. */
  readonly stats: BigIntStats;
  readonly unlock: () => Promise<void>;
}

/** Opens the part file of an earlier call, or creates one with this mode. EBUSY if another call writes it. */
export async function acquirePart(target: LocalTarget, mode: number): Promise<AcquiredPart> {
  const pauses = SWEEP_PAUSES_MS.values();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    await useFreeNames(target);
    try {
      const part = await openLocked(target.partPath, mode | OWNER_MODE);
      if (part) return part;
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (!(await waitForSweep(target.partPath, pauses))) break;
    }
  }
  throw partBusyError(target);
}

/** Waits for a sweep that may have locked the part. Returns false if a download has locked it, or the pauses are over. */
async function waitForSweep(partPath: string, pauses: Iterator<number, undefined>): Promise<boolean> {
  const sweep = runningSweeps.get(partPath);
  if (sweep) {
    await sweep;
    return true;
  }
  const stats = await unlessMissing(fs.lstat(partPath, { bigint: true }));
  if (stats && !mayBeSwept(stats)) return false;
  const { value: pauseMs } = pauses.next();
  if (pauseMs === undefined) return false;
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return true;
}

/** Whether a sweep of another process may have locked the part, and no download of this process. */
function mayBeSwept(stats: BigIntStats): boolean {
  if (stats.size > 0n && stats.nlink === 1n) return false;
  return ![...ownParts].some((part) => isSameFile(part, stats));
}

/** The part file belongs to another call, or another program has replaced it. */
export function partBusyError(target: LocalTarget): Error {
  return localError('EBUSY', target.path, { meaning: 'Another download writes it.' });
}

/** Whether two identities are of the same file. */
export function isSameFile(one: FileIdentity, other: FileIdentity | undefined): boolean {
  return other?.ino === one.ino && other.dev === one.dev;
}

/** Uses the first names that no other program's files have. */
async function useFreeNames(target: LocalTarget): Promise<void> {
  for (let index = 0; index < MAX_PART_NAMES; index++) {
    target.usePartNames(index);
    const stats = await unlessMissing(fs.lstat(target.partPath, { bigint: true }));
    if (await isOfPart(target.metadataPath, stats)) return;
  }
  throw localError('EEXIST', target.path, { meaning: 'Other files have the names of its part.' });
}

/** Opens and locks a part file; undefined if another attempt is needed. */
async function openLocked(partPath: string, mode: number): Promise<AcquiredPart | undefined> {
  const handle = await openOrCreate(partPath, mode);
  if (!handle) return undefined;
  let unlock = async (): Promise<void> => undefined;
  try {
    const opened = await handle.stat({ bigint: true });
    unlock = await lockPart(opened);
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

async function lockPart(part: FileIdentity): Promise<() => Promise<void>> {
  const unlock = await lockFile(part);
  ownParts.add(part);
  return () => {
    ownParts.delete(part);
    return unlock();
  };
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

/** Makes a part readable that has its final permissions already. Returns false if that was not what it lacked. */
async function isAllowed(partPath: string): Promise<boolean> {
  const stats = await unlessMissing(fs.lstat(partPath, { bigint: true }));
  if (!stats || !isOwn(stats) || (Number(stats.mode) & OWNER_MODE) === OWNER_MODE) return false;
  // Locked: not while another call is about to publish it.
  const unlock = await lockFile(stats);
  try {
    await unlessMissing(fs.chmod(partPath, OWNER_MODE));
  } finally {
    await unlock();
  }
  return true;
}

/** Whether only this user can write the file: it has no other name, and no other owner. */
function isOwn(stats: BigIntStats): boolean {
  return stats.nlink === 1n && isOwner(stats);
}

/** Whether it is a regular file of this user. */
export function isOwner(stats: BigIntStats): boolean {
  const uid = process.geteuid?.();
  return stats.isFile() && (uid === undefined || stats.uid === BigInt(uid));
}
