/**
 * Writes a small download to a file of its own beside its target, and renames it.
 *
 *     open, write, permission bits, times, close -> rename; for a name that must be free: link, unlink
 */
import nodeFs from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { TransferError } from '../../../errors.js';
import { lacksHardLinks } from '../../../fs/errno.js';
import { fileTime } from '../../../fs/file-time.js';
import { bytesOfPieces, piecesAfter, writePieces } from '../../../fs/pieces.js';
import { localError, toLocalError, withLocalPath } from '../local-error.js';
import type { LocalTarget } from '../local-target.js';
import type { PublishOptions } from '../partial-download/partial-download.js';
import { temporaryNameIn } from '../partial-download/part-names.js';
import type { DirectCalls } from './direct-calls.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = nodeFs.constants;

const NEW_FILE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Permissions of a new file, before the umask of the process. */
const NEW_FILE_MODE = 0o666;

export interface SmallDownloadFile extends PublishOptions {
  readonly target: LocalTarget;
  readonly pieces: readonly Uint8Array[];
  /** Called between the write and the rename. An error ends the call. */
  readonly beforePublish: () => Promise<void> | void;
}

/** Makes the calls one by one in the thread pool. Whatever fails, nothing is left. */
export function writeInThreads(file: SmallDownloadFile): Promise<void> {
  return withLocalPath(file.target.path, storeInThreads(file, temporaryPath(file.target)));
}

/** Makes the calls at once, without `flush` and `beforePublish`. Returns false, without a call, if recent ones were slow. */
export function writeDirectly(file: SmallDownloadFile, calls: DirectCalls): boolean {
  const { target, pieces } = file;
  try {
    return calls.write(() => storeDirectly(file, temporaryPath(target)), bytesOfPieces(pieces));
  } catch (error) {
    throw toLocalError(target.path, error);
  }
}

/** In the directory that the target's path leads to now. */
function temporaryPath(target: LocalTarget): string {
  return path.join(path.dirname(target.path), temporaryNameIn(target.directory));
}

async function storeInThreads(file: SmallDownloadFile, temporary: string): Promise<void> {
  const { target, overwrite, flush } = file;
  const handle = await fs.open(temporary, NEW_FILE_FLAGS, file.mode ?? NEW_FILE_MODE);
  try {
    await fillAndClose(handle, file);
    await file.beforePublish();
    const toSync = flush ? await target.openForSync(temporary) : undefined;
    try {
      await target.publishPart(overwrite, temporary);
      await toSync?.sync();
    } finally {
      await toSync?.close();
    }
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function fillAndClose(
  handle: FileHandle,
  { pieces, mode, mtime, flush }: SmallDownloadFile,
): Promise<void> {
  try {
    await writePieces(pieces, async (rest) => (await handle.writev(rest)).bytesWritten);
    if (mode !== undefined) await handle.chmod(mode);
    if (mtime) await handle.utimes(new Date(), fileTime(mtime));
    if (flush) await handle.sync();
  } finally {
    // Windows renames no open file, and some file systems report a full disk only here.
    await handle.close();
  }
}

function storeDirectly(file: SmallDownloadFile, temporary: string): void {
  const fd = nodeFs.openSync(temporary, NEW_FILE_FLAGS, file.mode ?? NEW_FILE_MODE);
  try {
    try {
      fillDirectly(fd, file);
    } finally {
      nodeFs.closeSync(fd);
    }
    publishDirectly(file, temporary);
  } catch (error) {
    removeDirectly(temporary);
    throw error;
  }
}

function fillDirectly(fd: number, { pieces, mode, mtime }: SmallDownloadFile): void {
  let rest = pieces;
  for (let left = bytesOfPieces(pieces); left > 0;) {
    const written = nodeFs.writevSync(fd, rest);
    if (written === 0) throw new TransferError('EIO');
    left -= written;
    if (left > 0) rest = piecesAfter(rest, written);
  }
  if (mode !== undefined) nodeFs.fchmodSync(fd, mode);
  if (mtime) nodeFs.futimesSync(fd, Date.now() / 1000, fileTime(mtime));
}

/** As `LocalTarget.publishPart`. */
function publishDirectly({ target, overwrite }: SmallDownloadFile, temporary: string): void {
  if (overwrite) return nodeFs.renameSync(temporary, target.path);
  try {
    nodeFs.linkSync(temporary, target.path);
  } catch (error) {
    if (!lacksHardLinks(error)) throw error;
    // Not atomic: without hard links, another program can create the target between lstat and rename.
    if (nodeFs.lstatSync(target.path, { throwIfNoEntry: false })) throw localError('EEXIST', target.path);
    return nodeFs.renameSync(temporary, target.path);
  }
  removeDirectly(temporary);
}

/** A sweep removes the file later if this fails. */
function removeDirectly(temporary: string): void {
  try {
    nodeFs.unlinkSync(temporary);
  } catch {
    // The file has its name, or the caller reports an earlier error.
  }
}
