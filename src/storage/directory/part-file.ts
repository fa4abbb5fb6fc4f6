/**
 * A version that is being written: a part in the private folder, which `commit` gives its name.
 *
 *     create -> write ... -> times, fsync, close -> under the path's lock: check, rename or link -> fsync of the directory
 *
 * Until the rename, whatever had the name before stands untouched. Whatever fails, the part is removed.
 */
import { constants } from 'node:fs';
import { TransferError } from '../../errors.js';
import type { Entry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../storage.js';
import { checkWriteOptions } from '../write-options.js';
import { entryOf, permissionsOf } from './file-entry.js';
import { fileFailure } from './file-failure.js';
import type { OpenedFile } from './opened-file.js';
import type { Part } from './part-folder.js';
import type { Site } from './site.js';
import { giveNewName, replaceable } from './target.js';
import type { WalkedDirectory } from './walked-directory.js';

/** Permissions of a file that replaces none, less those that the process masks. */
const NEW_FILE_MODE = 0o666;

export class PartFile implements PendingFile {
  readonly #site: Site;
  readonly #path: RemotePath;
  readonly #options: StorageWriteOptions;
  readonly #partPath: string;
  #fd: number | undefined;
  #exists = true;
  // Permission bits that were set, not left to the mask.
  #mode: number | undefined;

  private constructor(site: Site, path: RemotePath, options: StorageWriteOptions, part: Part) {
    this.#site = site;
    this.#path = path;
    this.#options = options;
    this.#partPath = part.path;
    this.#fd = part.fd;
  }

  /** A part for a path. Refuses now what `commit` would refuse as things stand. */
  static async create(site: Site, path: RemotePath, options: StorageWriteOptions): Promise<PartFile> {
    checkWriteOptions(path, options);
    const older = await site.tree.inParent(path, (directory, name) =>
      replaceable(site.calls, { directory, name }, options),
    );
    const mode = older && permissionsOf(older);
    const part = new PartFile(site, path, options, await site.parts.create(mode ?? NEW_FILE_MODE));
    if (mode !== undefined) await part.#cleanedUp(part.#setMode(mode));
    return part;
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    await this.#cleanedUp(this.#writeAll(pieces.filter((piece) => piece.length > 0)));
  }

  /** Takes a whole file over. ESTALE if it changes meanwhile. */
  async fill(source: OpenedFile): Promise<void> {
    await this.#cleanedUp(this.#copy(source));
  }

  async commit(): Promise<Entry> {
    await this.#cleanedUp(this.#finish());
    const { locks, tree } = this.#site;
    try {
      return await locks.hold([this.#path], () =>
        tree.inParent(this.#path, (directory, name) => this.#appear(directory, name)),
      );
    } catch (error) {
      throw fileFailure(error, this.#path);
    } finally {
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    const { calls } = this.#site;
    const fd = this.#fd;
    this.#fd = undefined;
    // Neither failure leaves anything that a client could see, and the next sweep takes what remains.
    if (fd !== undefined) await calls.close(fd).catch(() => undefined);
    if (this.#exists) await calls.unlink(this.#partPath).catch(() => undefined);
    this.#exists = false;
  }

  async #cleanedUp(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.discard();
      throw fileFailure(error, this.#path);
    }
  }

  async #writeAll(pieces: readonly Uint8Array[]): Promise<void> {
    let rest = pieces;
    while (rest.length > 0) {
      const written = await this.#site.calls.writev(this.#opened(), rest);
      if (written === 0) throw new TransferError('EIO');
      rest = without(rest, written);
    }
  }

  async #copy(source: OpenedFile): Promise<void> {
    const { calls } = this.#site;
    if (source.handlePath === undefined) {
      for await (const piece of source.pieces()) await this.#writeAll([piece]);
    } else {
      // Where the file system can, the copy shares the blocks of the original.
      await calls.copyFile(source.handlePath, this.#partPath, constants.COPYFILE_FICLONE);
    }
    await this.#setMode(this.#mode ?? source.permissions);
    if ((await source.currentEtag()) !== source.entry.etag) throw new TransferError('ESTALE');
  }

  async #setMode(mode: number): Promise<void> {
    await this.#site.calls.fchmod(this.#opened(), mode);
    this.#mode = mode;
  }

  async #finish(): Promise<void> {
    const { calls, durable } = this.#site;
    const fd = this.#opened();
    if (this.#options.mtime) await calls.futimes(fd, new Date(), this.#options.mtime);
    if (durable) await calls.fsync(fd);
    // Closed before it gets its name: some file systems tell only now that there was no room.
    this.#fd = undefined;
    await calls.close(fd);
  }

  async #appear(directory: WalkedDirectory, name: string): Promise<Entry> {
    const { calls, durable } = this.#site;
    const older = await replaceable(calls, { directory, name }, this.#options);
    await this.#keepMode(older && permissionsOf(older));
    await this.#takeName(directory.at(name));
    const entry = entryOf(this.#path, await calls.lstat(directory.at(name)));
    if (durable) await directory.sync();
    return entry;
  }

  // The permissions may have been changed since the part was made.
  async #keepMode(mode: number | undefined): Promise<void> {
    if (mode !== undefined && mode !== this.#mode) await this.#site.calls.chmod(this.#partPath, mode);
  }

  async #takeName(target: string): Promise<void> {
    const { calls } = this.#site;
    if (this.#options.overwrite) {
      await calls.rename(this.#partPath, target);
      this.#exists = false;
    } else if ((await giveNewName(calls, this.#partPath, target)) === 'renamed') {
      this.#exists = false;
    } else {
      // Before the etag is read, which counts this as a change. If it fails the file is there all the same.
      await this.discard();
    }
  }

  #opened(): number {
    if (this.#fd === undefined) throw new TransferError('EINVAL', 'This version was ended already.');
    return this.#fd;
  }
}

/** Pieces without their first bytes. */
function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(skip, piece.length);
    skip -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}
