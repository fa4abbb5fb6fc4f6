/**
 * A new version of a file: a part file in the private folder of its directory, which `commit` renames to its path.
 *
 *     create -> write ... -> times, fsync, close -> under the path's lock: check, rename or link -> fsync of the directory
 *
 * The existing file stays untouched until the rename. The part file is removed on failure and kept by `suspend`.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { writePieces } from '../../../fs/pieces.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../../storage.js';
import { missingParentError, modifiedUploadError } from '../../path-error.js';
import { checkWriteOptions } from '../../write-options.js';
import { isSameFile, permissionsOf } from '../calls/file-entry.js';
import { fileFailure, pathFailure } from '../calls/file-failure.js';
import { toCommitRecord, writeRecord, type CommitRecord } from '../parts/commit-record.js';
import type { Stats } from '../calls/file-calls.js';
import { copyContent } from './copy-content.js';
import { namedMode, PartAttributes } from './part-attributes.js';
import type { OpenedFile } from './opened-file.js';
import { partName, type Part } from '../parts/part-folders.js';
import { contextFor, type DirectoryContext } from '../directory-context.js';
import { isCopyOf, presentEtagOf } from './is-copy-of.js';
import { publishedEntry } from './published-entry.js';
import { checkTarget, linkOrRename, targetAt } from './target.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Permission bits of a new file, less the umask. */
export const NEW_FILE_MODE = 0o666;
const OWNER_MODE = 0o600;

interface NewVersion {
  readonly directory: OpenDirectory;
  readonly options: StorageWriteOptions;
  readonly existing: Stats | undefined;
}

export class PartFile implements PendingFile {
  readonly #context: DirectoryContext;
  readonly #path: RemotePath;
  #options: StorageWriteOptions;
  readonly #part: Part;
  #fd: number | undefined;
  /** The version that the part file begins with. */
  #copied: FileEntry | undefined;
  /** Bytes that the part file must have. */
  #bytes = 0;
  /** Whether there is a part file to remove. */
  #exists = true;
  #isPublished = false;
  #isReleased = false;
  #record: CommitRecord | undefined;
  /** Whether a record may be on the disk. */
  #hasRecord = false;
  readonly #attributes: PartAttributes;

  private constructor(context: DirectoryContext, path: RemotePath, options: StorageWriteOptions, part: Part) {
    this.#context = contextFor(context, options);
    this.#path = path;
    this.#options = options;
    this.#part = part;
    this.#fd = part.fd;
    this.#attributes = new PartAttributes(context.calls, namedMode(options));
  }

  /** Creates a part file. Rejects if `commit` would fail at present. */
  static async create(
    context: DirectoryContext,
    path: RemotePath,
    options: StorageWriteOptions,
  ): Promise<PartFile> {
    try {
      checkWriteOptions(path, options);
      return await context.resolver.inParent(path, async (directory, name) => {
        const existing = checkTarget(await targetAt(context, path, directory.at(name)), options);
        return PartFile.#create(context, path, { directory, options, existing });
      });
    } catch (error) {
      const failure = hasErrno(error, 'ENOENT') ? missingParentError(path, error) : error;
      throw await pathFailure(context.resolver, failure, path);
    }
  }

  static async #create(
    context: DirectoryContext,
    path: RemotePath,
    { directory, options, existing }: NewVersion,
  ): Promise<PartFile> {
    const mode = namedMode(options) ?? (existing && permissionsOf(existing));
    const { uploadId } = options;
    // A resumable part file must stay readable and writable; if the existing file is not, `commit` sets its mode.
    const bits = uploadId === undefined ? 0 : OWNER_MODE;
    const resumableName = uploadId === undefined ? undefined : partName(uploadId, path);
    const parent = { directory, path: splitPath(path).directory };
    const created = await context.parts.create(parent, {
      mode: (mode ?? NEW_FILE_MODE) | bits,
      resumableName,
    });
    const part = new PartFile(context, path, options, created);
    if (mode !== undefined) await part.#orDiscard(part.#attributes.take(part.#requireOpen(), existing, bits));
    return part;
  }

  /** Continues a part file that was opened again. */
  static reopened(
    context: DirectoryContext,
    path: RemotePath,
    { options, part, stats }: { options: StorageWriteOptions; part: Part; stats: Stats },
  ): PartFile {
    const reopened = new PartFile(context, path, options, part);
    reopened.#attributes.note(stats);
    reopened.#bytes = Number(stats.size);
    return reopened;
  }

  /** Copies the content and permissions of a file. ESTALE if it changes meanwhile; with `ifMatch`, until the commit. */
  async fill(source: OpenedFile): Promise<void> {
    await this.#orDiscard(this.#copyFrom(source));
    this.#copied = source.entry;
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
    if (this.#hasRecord) void this.#context.parts.countKept('record', this.#part);
    return entry;
  }

  async discard(): Promise<void> {
    if (this.#isReleased) return;
    // Clients cannot see what a failure leaves behind; the next sweep removes it.
    await this.#close().catch(() => undefined);
    // A record without its part file would mean that the upload was committed.
    if (this.#isPublished || (await this.#removeRecord())) await this.#removePart();
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
    void this.#context.parts.countKept('part', this.#part);
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
    const { mode: existing } = this.#attributes;
    const { onProgress } = this.#options;
    const fd = this.#requireOpen();
    if (existing !== undefined) await this.#attributes.setMode(fd, existing | OWNER_MODE);
    this.#bytes = await copyContent(this.#context.calls, source, { fd, onProgress });
    await this.#attributes.setMode(fd, existing ?? source.permissions);
    const [copied, now] = [source.entry, await source.stat()];
    if (!(await isCopyOf(this, { copied, now, file: source }, onProgress))) throw new TransferError('ESTALE');
  }

  async #commit(commitToken: string | undefined): Promise<FileEntry> {
    const { calls, locks, resolver } = this.#context;
    const fd = this.#requireOpen();
    const { ifMatch, onProgress } = this.#options;
    if (this.#copied && ifMatch !== undefined) {
      const present = await presentEtagOf(this.#copied, { context: this.#context, copy: this, onProgress });
      this.#options = { ...this.#options, ifMatch: present };
    }
    const stats = await this.#finishContent(fd, commitToken);
    // Closed before the rename: some file systems report only now that the disk is full.
    this.#fd = undefined;
    await calls.close(fd, this.#bytes);
    const entry = await locks.hold([this.#path], () =>
      resolver.inParent(this.#path, (directory, name) => this.#publish(directory, name, stats)),
    );
    await this.#release();
    return entry;
  }

  async #finishContent(fd: number, commitToken: string | undefined): Promise<Stats> {
    const { calls, durable } = this.#context;
    const { mtime, uploadId } = this.#options;
    if (mtime) await calls.futimes(fd, new Date(), mtime);
    if (durable) await calls.fsync(fd);
    const stats = await calls.fstat(fd);
    if (uploadId === undefined) return stats;
    // Another process may have opened the part file of the same upload.
    if (Number(stats.size) !== this.#bytes) throw modifiedUploadError();
    if (commitToken !== undefined) this.#record = toCommitRecord(stats, commitToken);
    return stats;
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await this.#context.calls.close(fd, this.#bytes);
  }

  /** Moves the part file to its path. */
  async #publish(directory: OpenDirectory, name: string, stats: Stats): Promise<FileEntry> {
    const target = directory.at(name);
    const existing = checkTarget(await targetAt(this.#context, this.#path, target), this.#options);
    await this.#checkUnmodified(stats);
    await this.#attributes.update({ path: this.#part.path, stats }, existing);
    if (this.#record) await this.#writeRecord(this.#record);
    await this.#rename(target, Number(existing?.size ?? 0));
    this.#isPublished = true;
    const { folder } = this.#part.lease;
    return publishedEntry(this.#context, { path: this.#path, target, directory, folder });
  }

  async #checkUnmodified(stats: Stats): Promise<void> {
    const now = await this.#context.calls.lstat(this.#part.path);
    // Another file is the part file of another process.
    this.#exists = isSameFile(now, stats);
    const isModified = now.size !== stats.size || now.mtimeNs !== stats.mtimeNs;
    if (!this.#exists || (this.#options.uploadId !== undefined && isModified)) throw modifiedUploadError();
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
