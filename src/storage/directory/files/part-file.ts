/**
 * A version that is being written: a part in the private folder, which `commit` gives its name.
 *
 *     create -> write ... -> times, fsync, close -> under the path's lock: check, rename or link -> fsync of the directory
 *
 * Until the rename, the previous file stays untouched. A part is removed on failure and stays when it is suspended.
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
import { fileFailure } from '../calls/file-failure.js';
import { setFileMode } from '../calls/file-mode.js';
import { recordOf, writeRecord, type CommitRecord } from '../parts/commit-record.js';
import type { Stats } from '../calls/file-calls.js';
import type { OpenedFile } from './opened-file.js';
import { partName, type Part } from '../parts/part-folder.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { linkOrRename, replaceable, statTarget } from './target.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Permission bits of a file that replaces none, less those that the process masks. */
export const NEW_FILE_MODE = 0o666;

const OWNER_MODE = 0o600;

/** A part that was opened once more. */
export interface OpenedPart {
  readonly options: StorageWriteOptions;
  readonly part: Part;
  readonly stats: Stats;
}

export class PartFile implements PendingFile {
  readonly #site: DirectoryContext;
  readonly #path: RemotePath;
  readonly #options: StorageWriteOptions;
  readonly #part: Part;
  #fd: number | undefined;
  /** Bytes that must be in it. */
  #bytes = 0;
  #reopened = false;
  /** What was last seen of one that another process may know of, too. */
  #seen: Stats | undefined;
  #exists = true;
  #released = false;
  #record: CommitRecord | undefined;
  // Whether there may be a record on the disk.
  #recorded = false;
  // Permission bits that were set, not left to the mask.
  #mode: number | undefined;

  private constructor(site: DirectoryContext, path: RemotePath, options: StorageWriteOptions, part: Part) {
    this.#site = contextFor(site, options);
    this.#path = path;
    this.#options = options;
    this.#part = part;
    this.#fd = part.fd;
  }

  /** A part for a path. Refuses now what `commit` would refuse as things stand. */
  static async create(
    site: DirectoryContext,
    path: RemotePath,
    options: StorageWriteOptions,
  ): Promise<PartFile> {
    try {
      checkWriteOptions(path, options);
      const older = replaceable(await statTarget(site, path), options);
      const mode = older && permissionsOf(older);
      const { uploadId } = options;
      // One that may have to be opened again gets the permissions of the older file at the commit, if they forbid it.
      const bits = uploadId === undefined ? 0 : OWNER_MODE;
      const name = uploadId === undefined ? undefined : partName(uploadId, path);
      const created = await site.parts.create((mode ?? NEW_FILE_MODE) | bits, name);
      const part = new PartFile(site, path, options, created);
      if (mode !== undefined && (mode & bits) === bits) await part.#orEnded(part.#setMode(mode));
      return part;
    } catch (error) {
      throw fileFailure(error, path);
    }
  }

  /** A part that is there, and open, for a version that goes on. */
  static reopened(site: DirectoryContext, path: RemotePath, { options, part, stats }: OpenedPart): PartFile {
    const reopened = new PartFile(site, path, options, part);
    reopened.#mode = permissionsOf(stats);
    reopened.#bytes = Number(stats.size);
    reopened.#reopened = true;
    return reopened;
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      this.#bytes += await writePieces(pieces, (rest) => this.#site.calls.writev(this.#opened(), rest));
    } catch (error) {
      throw await this.#ended(error);
    }
  }

  /** Takes a whole file over. ESTALE if it changes meanwhile. */
  async fill(source: OpenedFile): Promise<void> {
    await this.#orEnded(this.#copy(source));
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#site.calls.read(this.#opened(), target, position);
    } catch (error) {
      throw fileFailure(error, this.#path);
    }
  }

  async commit(receipt?: string): Promise<FileEntry> {
    const { calls, durable, locks, tree, parts } = this.#site;
    try {
      const fd = this.#opened();
      const isPlain = !durable && !this.#isKnown && !this.#options.mtime;
      if (!isPlain) await this.#finish(fd, receipt);
      // Closed before it gets its name: some file systems tell only now that there was no room.
      this.#fd = undefined;
      await calls.close(fd, this.#bytes);
      const entry = await locks.hold([this.#path], () =>
        tree.inParent(this.#path, (directory, name) => this.#appear(directory, name)),
      );
      await this.#release();
      // Nobody's result waits for what others have left.
      if (this.#recorded) void parts.keeps('record');
      return entry;
    } catch (error) {
      throw await this.#ended(error);
    }
  }

  async discard(): Promise<void> {
    if (this.#released) return;
    // Neither failure leaves anything that a client could see, and the next sweep takes what remains.
    await this.#close().catch(() => undefined);
    // Without its part the record would say that the part was committed.
    if (await this.#forgetRecord()) await this.#removePart();
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
    void this.#site.parts.keeps('part');
  }

  async #orEnded(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      throw await this.#ended(error);
    }
  }

  /** Ends it because of an error. Resolves with what is to be thrown. */
  async #ended(error: unknown): Promise<TransferError> {
    await this.discard();
    return fileFailure(error, this.#path);
  }

  async #copy(source: OpenedFile): Promise<void> {
    const { calls } = this.#site;
    const mode = this.#mode ?? source.permissions;
    if (source.handlePath === undefined) {
      for await (const piece of source.pieces()) {
        this.#bytes += await writePieces([piece], (rest) => calls.writev(this.#opened(), rest));
      }
    } else {
      // Where the file system can, the copy shares the blocks of the original. A name the call would follow, were it a
      // link by now; what is open it cannot miss.
      const target = `/proc/self/fd/${this.#opened()}`;
      if (this.#mode !== undefined) await this.#setMode(this.#mode | OWNER_MODE);
      await calls.copyFile(source.handlePath, target, constants.COPYFILE_FICLONE);
      this.#bytes = source.entry.size;
    }
    await this.#setMode(mode);
    if ((await source.etag()) !== source.entry.etag) throw new TransferError('ESTALE');
  }

  async #setMode(mode: number): Promise<void> {
    await this.#site.calls.fchmod(this.#opened(), mode);
    this.#mode = mode;
  }

  /** Whether another process may know of it, and have one of the same name. */
  get #isKnown(): boolean {
    return this.#reopened || this.#options.uploadId !== undefined;
  }

  async #finish(fd: number, receipt: string | undefined): Promise<void> {
    const { calls, durable } = this.#site;
    if (this.#options.mtime) await calls.futimes(fd, new Date(), this.#options.mtime);
    if (durable) await calls.fsync(fd);
    if (!this.#isKnown) return;
    // It holds just what was written to it.
    const seen = (this.#seen = await calls.fstat(fd));
    if (Number(seen.size) !== this.#bytes) throw interfered();
    if (receipt !== undefined && this.#options.uploadId !== undefined) this.#record = recordOf(seen, receipt);
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await this.#site.calls.close(fd, this.#bytes);
  }

  async #appear(directory: OpenDirectory, name: string): Promise<FileEntry> {
    const { calls, durable } = this.#site;
    const target = directory.at(name);
    const older = replaceable(await calls.lstatIfAny(target), this.#options);
    if (this.#seen) await this.#requireSame(this.#seen);
    if (older) await this.#keepMode(permissionsOf(older));
    if (this.#record) await this.#writeRecord(this.#record);
    await this.#takeName(target, Number(older?.size ?? 0));
    const entry = toFileEntry(this.#path, await calls.lstat(target));
    if (durable) await directory.sync();
    return entry;
  }

  async #requireSame(seen: Stats): Promise<void> {
    const { ino, mtimeNs, size } = await this.#site.calls.lstat(this.#part.path);
    if (ino === seen.ino && size === seen.size && mtimeNs === seen.mtimeNs) return;
    // Under the name is another's part by now.
    this.#exists = ino === seen.ino;
    throw interfered();
  }

  // The permissions may have been changed since the part was made.
  async #keepMode(mode: number): Promise<void> {
    if (mode !== this.#mode) await setFileMode(this.#site.calls, this.#part.path, mode);
  }

  async #writeRecord(record: CommitRecord): Promise<void> {
    const { calls, durable, parts } = this.#site;
    this.#recorded = true;
    parts.records(this.#part.name);
    await writeRecord(calls, { path: this.#part.recordPath, durable }, record);
  }

  async #takeName(target: string, olderBytes: number): Promise<void> {
    const { calls } = this.#site;
    if (this.#options.overwrite) {
      await calls.rename(this.#part.path, target, Math.max(this.#bytes, olderBytes));
      this.#exists = false;
    } else if ((await linkOrRename(calls, this.#part.path, target)) === 'renamed') {
      this.#exists = false;
    } else {
      // Before the etag is read, which counts this as a change. If it fails the file is there all the same.
      await this.#removePart();
    }
  }

  async #removePart(): Promise<void> {
    if (this.#exists) await this.#site.calls.unlink(this.#part.path, this.#bytes).catch(() => undefined);
    this.#exists = false;
  }

  /** Whether there is no record any more. */
  async #forgetRecord(): Promise<boolean> {
    if (!this.#recorded) return true;
    try {
      await unlessMissing(this.#site.calls.unlink(this.#part.recordPath, 0));
      this.#recorded = false;
      return true;
    } catch {
      return false;
    }
  }

  async #release(): Promise<void> {
    // Only once: by then the name may be somebody else's.
    if (this.#released) return;
    this.#released = true;
    await this.#site.parts.release(this.#part);
  }

  #opened(): number {
    if (this.#fd === undefined) throw new TransferError('EINVAL', 'This version was ended already.');
    return this.#fd;
  }
}

/** Two processes that serve one directory do not know of each other. */
function interfered(): TransferError {
  return new TransferError('ESTALE', 'Another process has written to this upload.');
}
