/**
 * Whether a private folder may be used: its owner, and every user with write access to it, can put other files at the
 * names of the parts, which a server of the superuser would then publish or give to other users.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessDenied } from '../../../fs/errno.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

const WRITABLE_BY_OTHERS = 0o022n;

/** Rejects with EACCES if an open private folder belongs to another user, or if other users can write to it. */
export async function checkTrusted(calls: FileCalls, folder: OpenDirectory): Promise<void> {
  const uid = process.geteuid?.();
  if (uid === undefined) return;
  const stats = await unlessDenied(calls.lstat(folder.at('.')));
  if (!stats) throw untrustedError();
  if (stats.uid === BigInt(uid) && (stats.mode & WRITABLE_BY_OTHERS) === 0n) return;
  if (await isUsual(calls, folder, stats)) return;
  throw untrustedError();
}

/**
 * Whether a new file for this user alone gets the same owner and is as writable: a file system that stores neither, such
 * as FAT, shows one owner and one mode for everything.
 */
async function isUsual(calls: FileCalls, folder: OpenDirectory, { uid, mode }: Stats): Promise<boolean> {
  const path = folder.at(`${randomUUID().replaceAll('-', '')}.part`);
  let fd: number;
  try {
    fd = await calls.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw untrustedError(cause);
  }
  try {
    const made = await calls.fstat(fd);
    return made.uid === uid && (mode & WRITABLE_BY_OTHERS & ~made.mode) === 0n;
  } finally {
    await calls.close(fd, 0).catch(() => undefined);
    await calls.unlink(path, 0).catch(() => undefined);
  }
}

/** Why no part file can be made in a private folder. */
export function untrustedError(cause?: unknown): TransferError {
  const reason = `The folder '${PRIVATE_FOLDER}' in this directory belongs to another user, or other users can write to it.`;
  return new TransferError('EACCES', reason, { cause });
}
