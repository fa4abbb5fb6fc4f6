/**
 * Reads or writes a small file by one synchronous call sequence, which costs less than waiting for a single call. Both
 * functions do nothing and resolve with undefined if the calls may take long or a condition needs more of them; the
 * caller then opens the file (`opened-file.ts`) or writes a part file (`part-file.ts`).
 *
 *     read:  open, fstat, read, fstat, close
 *     write: lstat, open a new part file, write, rename, fstat, close
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
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import type { StorageWriteOptions, WholeFile } from '../../storage.js';
import { exact, exactIfAny, MAX_FREED_BYTES, READ_FLAGS, type Stats } from '../calls/file-calls.js';
import { toFileEntry, permissionsOf } from '../calls/file-entry.js';
import { isSuperuser, namedMode } from './part-attributes.js';
import { NEW_FILE_MODE } from './part-file.js';
import { NEW_PART_FLAGS } from '../parts/part-folders.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { checkTarget, targetAt } from './target.js';

/** Largest file to read, in bytes: reading it costs no more than one trip through the thread pool. */
const MAX_READ_BYTES = 32 * 1024;

/** Largest file to write, in bytes: writing it costs hardly more than the calls around it. */
const MAX_WRITTEN_BYTES = 64 * 1024;

export async function readSmallFile(
  { calls, resolver }: DirectoryContext,
  path: RemotePath,
): Promise<WholeFile | undefined> {
  const { sequences } = calls;
  if (!sequences || path === REMOTE_ROOT) return undefined;
  await sequences.turn();
  return resolver.inParent(path, (directory, name) =>
    Promise.resolve(
      directory.byHandle ? sequences.read(() => readSync(path, directory.at(name))) : undefined,
    ),
  );
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

/** Writes a small file, unless it must be on the disk afterwards. */
export async function writeSmallFile(
  context: DirectoryContext,
  path: RemotePath,
  written: Omit<NewFile, 'path'>,
): Promise<FileEntry | undefined> {
  const file = { path, ...written };
  const { calls, parts, resolver, locks, versions, durable } = contextFor(context, file.options);
  const { sequences } = calls;
  const bytes = bytesOfPieces(file.pieces);
  if (!sequences || durable || bytes > MAX_WRITTEN_BYTES) return undefined;
  await sequences.turn();
  try {
    return await resolver.inParent(path, async (directory, name) => {
      if (!directory.byHandle) return undefined;
      const target = directory.at(name);
      // A refused write must not change the directory, as a new private folder would.
      if (file.options.ifMatch !== undefined || !file.options.overwrite)
        checkTarget(await targetAt(context, path, target), file.options);
      const stats = await parts.withPath({ directory, path: splitPath(path).directory }, (partPath) =>
        locks.isHeld(path) ? undefined : sequences.write(() => writeSync(partPath, target, file), bytes),
      );
      return stats && versions.entry(path, stats, target);
    });
  } catch (error) {
    // Writing a part file creates the private folder again, or reports which directory is missing.
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Creates a part file and renames it to its path; removes it if a call fails. */
function writeSync(partPath: string, target: string, { path, pieces, options }: NewFile): Stats | undefined {
  // The path of a new file was looked at, and the link fails if something is there by now.
  const existing = options.overwrite ? fs.lstatSync(target, exactIfAny) : undefined;
  const isConditional = options.ifMatch !== undefined;
  if (existing && isConditional && hasCoarseTimes(existing)) return undefined;
  const entry = existing?.isFile() && isConditional ? toFileEntry(path, existing) : undefined;
  if (options.overwrite) checkTarget(existing && { stats: existing, entry }, options);
  if (existing && existing.size > MAX_FREED_BYTES) return undefined;
  const mode = namedMode(options) ?? (existing && permissionsOf(existing));
  const fd = fs.openSync(partPath, NEW_PART_FLAGS, mode ?? NEW_FILE_MODE);
  try {
    writeAll(fd, pieces);
    if (options.mtime) fs.futimesSync(fd, Date.now() / 1000, fileTime(options.mtime));
    if (existing) takeOwner(fd, existing);
    if (mode !== undefined) fs.fchmodSync(fd, mode);
    if (options.overwrite) fs.renameSync(partPath, target);
    else if (!linkSync(partPath, target)) return undefined;
    // Of the new file, even if another process has replaced it since.
    return fs.fstatSync(fd, exact);
  } catch (error) {
    remove(partPath);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Gives a part file a name that must be free (EEXIST). False, without the part file, where there are no hard links. */
function linkSync(partPath: string, target: string): boolean {
  try {
    fs.linkSync(partPath, target);
    return true;
  } catch (error) {
    if (lacksHardLinks(error)) return false;
    throw error;
  } finally {
    // Before the etag is read, as the removal changes it.
    remove(partPath);
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

/** A sweep removes the file later if this fails. */
function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // The caller reports the earlier error.
  }
}
