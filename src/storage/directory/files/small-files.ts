/**
 * Small files, read or written whole by one sequence of synchronous calls: each call that is waited for costs more than
 * such a sequence. Either function resolves with undefined, and has done nothing, where the calls may take long or a
 * condition needs more of them; then a file is opened (`opened-file.ts`) or a part is written (`part-file.ts`).
 *
 *     read:  open, fstat, read, fstat, close
 *     write: lstat, open a new part, write, rename, fstat, close
 */
import fs from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { fileTime } from '../../../fs/file-time.js';
import { bytesOfPieces, piecesAfter } from '../../../fs/pieces.js';
import { readSmallFile as readWhole } from '../../../sync-fs/small-file.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import type { StorageWriteOptions, WholeFile } from '../../storage.js';
import { exact, exactIfAny, MAX_FREED_BYTES, type Stats } from '../calls/file-calls.js';
import { toFileEntry, permissionsOf } from '../calls/file-entry.js';
import { READ_FLAGS } from './opened-file.js';
import { NEW_FILE_MODE } from './part-file.js';
import { NEW_PART } from '../parts/part-folder.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { replaceable } from './target.js';

/** Largest file that is read so, in bytes: to read it costs no more than one trip through the thread pool. */
const MAX_READ_BYTES = 32 * 1024;

/** Largest file that is written so, in bytes: to write it costs hardly more than the calls around it. */
const MAX_WRITTEN_BYTES = 64 * 1024;

/** Reads a small file. */
export async function readSmallFile(
  { calls, tree }: DirectoryContext,
  path: RemotePath,
): Promise<WholeFile | undefined> {
  const { sequences } = calls;
  if (!sequences || path === REMOTE_ROOT) return undefined;
  return tree.inParent(path, (directory, name) =>
    Promise.resolve(
      directory.byHandle ? sequences.look(() => readHere(path, directory.at(name))) : undefined,
    ),
  );
}

function readHere(path: RemotePath, localPath: string): WholeFile | undefined {
  const { stats, after, buffer } = readWhole(localPath, {
    flags: READ_FLAGS,
    maxBytes: MAX_READ_BYTES,
    allocate: (bytes) => Buffer.allocUnsafe(bytes),
  });
  return buffer && after && isSame(stats, after)
    ? { entry: toFileEntry(path, stats), bytes: buffer }
    : undefined;
}

function isSame(before: Stats, { size, mtimeNs, ctimeNs }: Stats): boolean {
  return size === before.size && mtimeNs === before.mtimeNs && ctimeNs === before.ctimeNs;
}

/** A new version of a file. */
export interface NewFile {
  readonly pieces: readonly Uint8Array[];
  readonly options: StorageWriteOptions;
}

/** Writes a small file, unless the storage waits for the disk. */
export async function writeSmallFile(
  site: DirectoryContext,
  path: RemotePath,
  file: NewFile,
): Promise<FileEntry | undefined> {
  const { calls, parts, tree, locks, durable } = contextFor(site, file.options);
  const { sequences } = calls;
  const bytes = bytesOfPieces(file.pieces);
  if (!sequences || durable || !file.options.overwrite || bytes > MAX_WRITTEN_BYTES) return undefined;
  try {
    return await parts.within((newPart) =>
      tree.inParent(path, (directory, name) => {
        const isFree = directory.byHandle && !locks.isHeld(path);
        const stats = isFree
          ? sequences.change(() => writeHere(newPart, directory.at(name), file), bytes)
          : undefined;
        return Promise.resolve(stats && toFileEntry(path, stats));
      }),
    );
  } catch (error) {
    // A part makes the private folder, or says which directory is missing.
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes a file under another name, and gives it its own. Where anything fails before, there is none. */
function writeHere(newPart: string, target: string, { pieces, options }: NewFile): Stats | undefined {
  const older = replaceable(fs.lstatSync(target, exactIfAny), options);
  if (older && older.size > MAX_FREED_BYTES) return undefined;
  const mode = older && permissionsOf(older);
  const fd = fs.openSync(newPart, NEW_PART, mode ?? NEW_FILE_MODE);
  try {
    writeAll(fd, pieces);
    if (options.mtime) fs.futimesSync(fd, Date.now() / 1000, fileTime(options.mtime));
    if (mode !== undefined) fs.fchmodSync(fd, mode);
    fs.renameSync(newPart, target);
    // What was made, whoever changes the name meanwhile.
    return fs.fstatSync(fd, exact);
  } catch (error) {
    remove(newPart);
    throw error;
  } finally {
    fs.closeSync(fd);
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

/** What stays is taken by a sweep. */
function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // The failure before is the one to tell of.
  }
}
