/**
 * Reads or writes a small file by one synchronous call sequence, which costs less than waiting for a single call. Both
 * functions change nothing and return undefined if the calls may take long or a condition needs more of them; the caller
 * then opens the file (`opened-file.ts`) or writes a part file (`part-file.ts`).
 *
 *     read:  open, fstat, read, fstat, close
 *     write: lstat, open a temporary file beside the target, write, rename, fstat, close
 *            for a name that must be free: link and unlink instead of rename
 */
import fs from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasCoarseTimes } from '../../../fs/has-coarse-times.js';
import { hasErrno, lacksHardLinks } from '../../../fs/errno.js';
import { fileTime } from '../../../fs/file-time.js';
import { bytesOfPieces, piecesAfter } from '../../../fs/pieces.js';
import { readSmallFile as readWholeSync } from '../../../sync-fs/small-file.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { MaybePromise } from '../../../maybe-promise.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageWriteOptions, WholeFile } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import { exact, exactIfAny, MAX_FREED_BYTES, READ_FLAGS, type Stats } from '../calls/file-calls.js';
import { toFileEntry, permissionsOf } from '../calls/file-entry.js';
import { isSuperuser, namedMode } from './part-attributes.js';
import { NEW_FILE_MODE } from './part-file.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { newTemporaryName } from '../walk/private-folder.js';
import { checkTarget } from './target.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

const NEW_FILE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Largest file to read, in bytes: reading it costs no more than one trip through the thread pool. */
const MAX_READ_BYTES = 32 * 1024;

/** Largest file to write, in bytes: writing it costs hardly more than the calls around it. */
const MAX_WRITTEN_BYTES = 64 * 1024;

/** Reads a small file, at once if it can. Throws, or rejects with, system errors. */
export function readSmallFile(
  context: DirectoryContext,
  path: RemotePath,
): MaybePromise<WholeFile | undefined> {
  const { calls, resolver } = context;
  return inTurn(context, () =>
    calls.sequences?.read((): WholeFile | undefined => {
      const place = resolver.parentSync(path);
      return place && readSync(path, place.directory.at(place.name));
    }),
  );
}

/** Runs a sequence when the root is known and the tick has room for it. */
function inTurn<T>(
  { calls, resolver }: DirectoryContext,
  sequence: () => MaybePromise<T> | undefined,
): MaybePromise<T | undefined> {
  const turn = calls.sequences && (resolver.ready() ?? calls.sequences.turn());
  return turn ? turn.then(sequence) : sequence();
}

function readSync(path: RemotePath, localPath: string): WholeFile | undefined {
  const { stats, after, buffer } = readWholeSync(localPath, {
    flags: READ_FLAGS,
    maxBytes: MAX_READ_BYTES,
    allocate: (bytes) => Buffer.allocUnsafe(bytes),
  });
  return buffer && after && isUnchanged(stats, after) && !hasCoarseTimes(stats)
    ? { entry: toFileEntry(path, stats), bytes: buffer.subarray(0, Number(stats.size)) }
    : undefined;
}

function isUnchanged(before: Stats, { size, mtimeNs, ctimeNs }: Stats): boolean {
  return size === before.size && mtimeNs === before.mtimeNs && ctimeNs === before.ctimeNs;
}

interface NewFile {
  readonly path: RemotePath;
  readonly pieces: readonly Uint8Array[];
  readonly options: StorageWriteOptions;
}

/** Writes a small file, at once if it can, unless it must be on the disk afterwards. Throws, or rejects with, any error. */
export function writeSmallFile(
  context: DirectoryContext,
  path: RemotePath,
  written: Omit<NewFile, 'path'>,
): MaybePromise<FileEntry | undefined> {
  checkWriteOptions(path, written.options);
  const { calls, parts, resolver, locks, durable } = contextFor(context, written.options);
  const bytes = bytesOfPieces(written.pieces);
  if (durable || bytes > MAX_WRITTEN_BYTES) return undefined;
  const write = (): MaybePromise<FileEntry> | undefined => {
    const place = locks.isHeld(path) ? undefined : resolver.parentSync(path);
    if (!place) return undefined;
    parts.noteWrite();
    const target = place.directory.at(place.name);
    const temporary = place.directory.at(newTemporaryName());
    const stats = unlessLeft(() => writeSync(temporary, target, { path, ...written }));
    return stats && entryOf(context, { path, stats, target });
  };
  return inTurn(context, () => calls.sequences?.write(write, bytes));
}

/** The entry of a stored file. If its bytes are read for it, its directory is opened again: it is closed at the end of the tick. */
function entryOf(
  { resolver, versions }: DirectoryContext,
  { path, stats, target }: { path: RemotePath; stats: Stats; target: string },
): MaybePromise<FileEntry> {
  if (!hasCoarseTimes(stats)) return toFileEntry(path, stats);
  return resolver
    .inParent(path, async (directory, name) => versions.entry(path, stats, directory.at(name)))
    .catch(() => versions.entry(path, stats, target));
}

/** Leaves it to a part file to report which directory is missing, or may not be written. */
function unlessLeft<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

/** Creates a temporary file and renames it to its path; removes it if a call fails. */
function writeSync(temporary: string, target: string, { path, pieces, options }: NewFile): Stats | undefined {
  const existing = fs.lstatSync(target, exactIfAny);
  const isConditional = options.ifMatch !== undefined;
  if (existing && (existing.size > MAX_FREED_BYTES || (isConditional && hasCoarseTimes(existing))))
    return undefined;
  const entry = existing?.isFile() && isConditional ? toFileEntry(path, existing) : undefined;
  // A refused write does not change the directory.
  checkTarget(existing && { stats: existing, entry }, options);
  const mode = namedMode(options) ?? (existing && permissionsOf(existing));
  const fd = openNew(temporary, mode);
  if (fd === undefined) return undefined;
  try {
    writeAll(fd, pieces);
    if (options.mtime) fs.futimesSync(fd, Date.now() / 1000, fileTime(options.mtime));
    if (existing) takeOwner(fd, existing);
    if (mode !== undefined) fs.fchmodSync(fd, mode);
    if (options.overwrite) fs.renameSync(temporary, target);
    else if (!linkSync(temporary, target)) return undefined;
    // Of the new file, even if another process has replaced it since.
    return fs.fstatSync(fd, exact);
  } catch (error) {
    remove(temporary);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Undefined if the name is taken: processes that were restored from the same snapshot have the same names. */
function openNew(temporary: string, mode = NEW_FILE_MODE): number | undefined {
  try {
    return fs.openSync(temporary, NEW_FILE_FLAGS, mode);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** Gives a temporary file a name that must be free (EEXIST). False, without the file, where there are no hard links. */
function linkSync(temporary: string, target: string): boolean {
  try {
    fs.linkSync(temporary, target);
    return true;
  } catch (error) {
    if (lacksHardLinks(error)) return false;
    throw error;
  } finally {
    // Before the etag is read, as the removal changes it.
    remove(temporary);
  }
}

/** As `PartAttributes.setOwner`. */
function takeOwner(fd: number, { uid, gid }: Stats): void {
  if (!isSuperuser()) return;
  try {
    fs.fchownSync(fd, Number(uid), Number(gid));
  } catch {
    // The content matters more.
  }
}

function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
  let rest = pieces;
  for (let left = bytesOfPieces(pieces); left > 0;) {
    const written = fs.writevSync(fd, rest);
    if (written === 0) throw new TransferError('EIO');
    left -= written;
    if (left > 0) rest = piecesAfter(rest, written);
  }
}

/** A listing removes the file later if this fails. */
function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // The caller reports the earlier error.
  }
}
