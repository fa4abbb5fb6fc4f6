/**
 * A new version of a file: a part file in the private folder, which `commit` renames to its path.
 *
 *     create -> write ... -> times, fsync, close -> under the path's lock: check, rename or link -> fsync of the directory
 *
 * The existing file stays untouched until the rename. The part file is removed on failure and kept by `suspend`.
 */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessMissing } from '../../../fs/errno.js';
import { writePieces } from '../../../fs/pieces.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import { toFileEntry, permissionsOf } from '../calls/file-entry.js';
import { fileFailure, pathFailure } from '../calls/file-failure.js';
import { setFileMode } from '../calls/file-mode.js';
import { toCommitRecord, writeRecord, type CommitRecord } from '../parts/commit-record.js';
import type { Stats } from '../calls/file-calls.js';
import type { OpenedFile } from './opened-file.js';
import { partName, type Part } from '../parts/part-folder.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { checkTarget, linkOrRename, statTarget } from './target.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Permission bits of a new file, less the umask. */
export const NEW_FILE_MODE = 0o666;
const OWNER_MODE = 0o600;

export class PartFile implements PendingFile {
  readonly #context: DirectoryContext;
  readonly #path: RemotePath;
  readonly #options: StorageWriteOptions;
  readonly #part: Part;
  #fd: number | undefined;
  /** Bytes that the part file must have. */
  #bytes = 0;
  /** Metadata before the commit, if another process may use the same part file. */
  #stats: Stats | undefined;
  /** Whether there is a part file to remove. */
  #exists = true;
  #isReleased = false;
  #record: CommitRecord | undefined;
  /** Whether a record may be on the disk. */
  #hasRecord = false;
  /** Permission bits that were set explicitly, not by the umask. */
  #mode: number | undefined;

  private constructor(context: DirectoryContext, path: RemotePath, options: StorageWriteOptions, part: Part) {
    this.#context = contextFor(context, options);
    this.#path = path;
    this.#options = options;
    this.#part = part;
    this.#fd = part.fd;
  }

  /** Creates a part file. Rejects if `commit` would fail at present. */
  static async create(
    context: DirectoryContext,
    path: RemotePath,
    options: StorageWriteOptions,
  ): Promise<PartFile> {
    try {
      checkWriteOptions(path, options);
      const existing = checkTarget(await statTarget(context, path), options);
      const mode = existing && permissionsOf(existing);
      const { uploadId } = options;
      // A resumable part file must stay readable and writable; if the existing file is not, `commit` sets its mode.
      const bits = uploadId === undefined ? 0 : OWNER_MODE;
      const name = uploadId === undefined ? undefined : partName(uploadId, path);
      const created = await context.parts.create((mode ?? NEW_FILE_MODE) | bits, name);
      const part = new PartFile(context, path, options, created);
      if (mode !== undefined && (mode & bits) === bits) await part.#orDiscard(part.#setMode(mode));
      return part;
    } catch (error) {
      throw await pathFailure(context.resolver, error, path);
    }
  }

  /** Continues a part file that was opened again. */
  static reopened(
    context: DirectoryContext,
    path: RemotePath,
    { options, part, stats }: { options: StorageWriteOptions; part: Part; stats: Stats },
  ): PartFile {
    const reopened = new PartFile(context, path, options, part);
    reopened.#mode = permissionsOf(stats);
    reopened.#bytes = Number(stats.size);
    return reopened;
  }

  /** Copies the content and permissions of a file. ESTALE if it changes meanwhile. */
  async fill(source: OpenedFile): Promise<void> {
    await this.#orDiscard(this.#copyFrom(source));
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    await this.#orDiscard(this.#append(pieces));
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#context.calls.read(this.#requireOpen(), target, position);
    } catch (error) {
      throw fileFailure(error, this.#path);
    }
  }

  async commit(commitToken?: string): Promise<FileEntry> {
    const entry = await this.#orDiscard(this.#commit(commitToken));
    // Removing old records must not delay the result.
    if (this.#hasRecord) void this.#context.parts.countKept('record');
    return entry;
  }

  async discard(): Promise<void> {
    if (this.#isReleased) return;
    // Clients cannot see what a failure leaves behind; the next sweep removes it.
    await this.#close().catch(() => undefined);
    // A record without its part file would mean that the upload was committed.
    if (await this.#removeRecord()) await this.#removePart();
    await this.#release();
  }

  async suspend(): Promise<void> {
    if (this.#fd === undefined || this.#options.uploadId === undefined) return this.discard();
    try {
      await this.#close();
    } catch {
      return this.discard();
    }
    this.#exists = false;
    await this.#release();
    void this.#context.parts.countKept('part');
  }

  /** Discards the version if a step fails. */
  async #orDiscard<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      await this.discard();
      throw await pathFailure(this.#context.resolver, error, this.#path);
    }
  }

  async #append(pieces: readonly Uint8Array[]): Promise<void> {
    const { calls } = this.#context;
    this.#bytes += await writePieces(pieces, (rest) => calls.writev(this.#requireOpen(), rest));
  }

  async #copyFrom(source: OpenedFile): Promise<void> {
    const mode = this.#mode ?? source.permissions;
    if (source.handlePath === undefined) {
      for await (const piece of source.pieces()) await this.#append([piece]);
    } else {
      // The copy shares the blocks of the original where the file system can. By descriptor, because the call would
      // follow a link that has replaced the part file.
      const target = `/proc/self/fd/${this.#requireOpen()}`;
      if (this.#mode !== undefined) await this.#setMode(this.#mode | OWNER_MODE);
      await this.#context.calls.copyFile(source.handlePath, target, constants.COPYFILE_FICLONE);
      this.#bytes = source.entry.size;
    }
    await this.#setMode(mode);
    if ((await source.etag()) !== source.entry.etag) throw new TransferError('ESTALE');
  }

  async #setMode(mode: number): Promise<void> {
    await this.#context.calls.fchmod(this.#requireOpen(), mode);
    this.#mode = mode;
  }

  async #commit(commitToken: string | undefined): Promise<FileEntry> {
    const { calls, locks, resolver } = this.#context;
    const fd = this.#requireOpen();
    await this.#finishContent(fd, commitToken);
    // Closed before the rename: some file systems report only now that the disk is full.
    this.#fd = undefined;
    await calls.close(fd, this.#bytes);
    const entry = await locks.hold([this.#path], () =>
      resolver.inParent(this.#path, (directory, name) => this.#publish(directory, name)),
    );
    await this.#release();
    return entry;
  }

  async #finishContent(fd: number, commitToken: string | undefined): Promise<void> {
    const { calls, durable } = this.#context;
    const { mtime, uploadId } = this.#options;
    if (mtime) await calls.futimes(fd, new Date(), mtime);
    if (durable) await calls.fsync(fd);
    if (uploadId === undefined) return;
    // Another process may have opened the part file of the same upload.
    this.#stats = await calls.fstat(fd);
    if (Number(this.#stats.size) !== this.#bytes) throw modifiedError();
    if (commitToken !== undefined) this.#record = toCommitRecord(this.#stats, commitToken);
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await this.#context.calls.close(fd, this.#bytes);
  }

  /** Moves the part file to its path. */
  async #publish(directory: OpenDirectory, name: string): Promise<FileEntry> {
    const { calls, durable } = this.#context;
    const target = directory.at(name);
    const existing = checkTarget(await calls.lstatIfAny(target), this.#options);
    if (this.#stats) await this.#checkUnmodified(this.#stats);
    // The permissions of the existing file may have changed since the part file was created.
    const mode = existing && permissionsOf(existing);
    if (mode !== undefined && mode !== this.#mode) await setFileMode(calls, this.#part.path, mode);
    if (this.#record) await this.#writeRecord(this.#record);
    await this.#rename(target, Number(existing?.size ?? 0));
    const entry = toFileEntry(this.#path, await calls.lstat(target));
    if (durable) await directory.sync();
    return entry;
  }

  async #checkUnmodified({ ino, mtimeNs, size }: Stats): Promise<void> {
    const now = await this.#context.calls.lstat(this.#part.path);
    if (now.ino === ino && now.size === size && now.mtimeNs === mtimeNs) return;
    // Another inode is the part file of another process.
    this.#exists = now.ino === ino;
    throw modifiedError();
  }

  async #writeRecord(record: CommitRecord): Promise<void> {
    const { calls, durable, parts } = this.#context;
    this.#hasRecord = true;
    parts.noteRecord(this.#part.name);
    await writeRecord(calls, { path: this.#part.recordPath, durable }, record);
  }

  async #rename(target: string, existingBytes: number): Promise<void> {
    const { calls } = this.#context;
    if (this.#options.overwrite) {
      await calls.rename(this.#part.path, target, Math.max(this.#bytes, existingBytes));
      this.#exists = false;
    } else if ((await linkOrRename(calls, this.#part.path, target)) === 'renamed') {
      this.#exists = false;
    } else {
      // Before the etag is read, as the removal changes it. The commit stands even if the removal fails.
      await this.#removePart();
    }
  }

  async #removePart(): Promise<void> {
    if (this.#exists) await this.#context.calls.unlink(this.#part.path, this.#bytes).catch(() => undefined);
    this.#exists = false;
  }

  /** Whether no record is left. */
  async #removeRecord(): Promise<boolean> {
    if (!this.#hasRecord) return true;
    try {
      await unlessMissing(this.#context.calls.unlink(this.#part.recordPath, 0));
      this.#hasRecord = false;
      return true;
    } catch {
      return false;
    }
  }

  async #release(): Promise<void> {
    // Only once: another upload may use the name afterwards.
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#context.parts.release(this.#part);
  }

  #requireOpen(): number {
    if (this.#fd === undefined)
      throw new TransferError('EINVAL', 'This pending file is already committed, discarded or suspended.');
    return this.#fd;
  }
}

function modifiedError(): TransferError {
  return new TransferError('ESTALE', 'Another process has modified this upload.');
}
