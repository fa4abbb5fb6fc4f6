/**
 * A download that is under way: a part beside the target, which gets the target's name when it is whole and verified.
 *
 *     claim: open, lock -> earlier? sum up what is at hand -> note, write ... -> appear: times, fsync, rename, fsync
 *
 * A part is written by one call at a time, and is one version of one file as long as it exists: what cannot be gone on
 * with is removed, and the next part is another file.
 */
import type { BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { TransferError } from '../../../errors.js';
import { unlessMissing } from '../../../fs/errno.js';
import { BodyChecksum } from '../../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import { fileTime } from '../../../fs/file-time.js';
import { piecesAfter, writePieces } from '../../../fs/pieces.js';
import { syncWriter } from './sync-writer.js';
import { acquirePart, isSame, partIsLocked, type AcquiredPart } from './acquired-part.js';
import { local, localFailure } from '../local-failure.js';
import {
  readPartMetadata,
  removePartMetadata,
  writePartMetadata,
  type PartMetadata,
} from './part-metadata.js';
import { readPieces, sumUp } from '../read-pieces.js';
import type { LocalTarget } from '../local-target.js';

/** Permissions of a file that replaces none, less those that the process masks. */
const NEW_FILE_MODE = 0o666;

/** What an earlier call has left. */
export interface ResumeState {
  readonly etag: string;
  /** Of all bytes at hand. */
  readonly sum: BodyChecksum;
}

/** How a part becomes the target. */
export interface PublishOptions {
  readonly overwrite: boolean;
  /** Whether the file and its name must be on the disk. */
  readonly flush: boolean;
  readonly mtime: Date | undefined;
  /** Permissions of the file that it replaces. */
  readonly mode: number | undefined;
}

export class PartialDownload {
  readonly #target: LocalTarget;
  readonly #handle: FileHandle;
  readonly #unlock: () => Promise<void>;
  readonly #stats: BigIntStats;
  #length: number;
  /** Whether it is noted down what it is a part of, or may be. */
  #described: boolean;
  /** Whether it is on this machine; undefined before anything was written. */
  #isLocal: boolean | undefined;

  private constructor(target: LocalTarget, file: AcquiredPart) {
    this.#target = target;
    this.#handle = file.handle;
    this.#unlock = file.unlock;
    this.#stats = file.stats;
    this.#length = Number(file.stats.size);
    this.#described = this.#length > 0;
  }

  /** The part of a target, a new one or one that was left. EBUSY if another call writes it. */
  static async acquire(target: LocalTarget, mode: number | undefined): Promise<PartialDownload> {
    return new PartialDownload(target, await local(target.path, acquirePart(target, mode ?? NEW_FILE_MODE)));
  }

  /** Bytes at hand. */
  get length(): number {
    return this.#length;
  }

  /** Whether a later call can go on with it. */
  get resumable(): boolean {
    return this.#described && this.#length > 0;
  }

  /** What can be gone on with of a remote file; undefined where nothing is. What `check` throws ends the summing up. */
  async resumeState(
    wanted: { path: string; checksum: ChecksumAlgorithm },
    check: () => void,
  ): Promise<ResumeState | undefined> {
    const note = this.#length > 0 ? await readPartMetadata(this.#target.notePath) : undefined;
    if (note?.path !== wanted.path || note.checksum !== wanted.checksum || this.#length > note.size) {
      return undefined;
    }
    const sum = new BodyChecksum(note.checksum);
    try {
      await sumUp(readPieces(this.#handle, { from: 0, to: this.#length }), { sum, check });
    } catch (error) {
      if (error instanceof TransferError) throw error;
      // What cannot be read is at hand no more.
      return undefined;
    }
    return sum.bytes === this.#length ? { etag: note.etag, sum } : undefined;
  }

  /** Notes down what the part will be of; without a note nobody goes on with it. */
  async writeMetadata(note: PartMetadata | undefined): Promise<void> {
    const { notePath, path } = this.#target;
    await local(path, removePartMetadata(notePath));
    if (note) await local(path, writePartMetadata(notePath, note));
    this.#described = note !== undefined;
  }

  /** Appends pieces here and now, as far as that may be. What is left is for `write`. */
  writeDirectly(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    this.#isLocal ??= this.#asksWhether();
    if (!this.#isLocal) return pieces;
    try {
      const written = syncWriter.write(this.#handle.fd, pieces, this.#length) ?? 0;
      this.#length += written;
      return piecesAfter(pieces, written);
    } catch (error) {
      throw localFailure(this.#target.path, error);
    }
  }

  /** Appends pieces. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const write = async (rest: readonly Uint8Array[]): Promise<number> => {
      const { bytesWritten } = await this.#handle.writev(rest, this.#length);
      this.#length += bytesWritten;
      return bytesWritten;
    };
    await local(this.#target.path, writePieces(pieces, write));
  }

  /** Lets the part appear under the target's name, at once and whole. EEXIST if something is there that must stay. */
  async publish(how: PublishOptions): Promise<void> {
    await local(this.#target.path, this.#appear(how));
  }

  /** Removes it, for another one to be begun. Rejects where that cannot be done. */
  async remove(): Promise<void> {
    await local(this.#target.path, this.#remove());
    await this.release();
  }

  /** Leaves nothing of it, as far as that can be done. */
  async discard(): Promise<void> {
    // The note first: without it nobody goes on with the part, which may even be somebody else's by now.
    await removePartMetadata(this.#target.notePath).catch(() => undefined);
    if (await this.#hasName().catch(() => false)) {
      await fs.unlink(this.#target.partPath).catch(() => undefined);
    }
    await this.release();
  }

  /** Lets go of it; what is at hand stays for a later call. May be called more than once. */
  async release(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await this.#unlock();
  }

  /** Asks whether it is on this machine, of which nothing is known until then. */
  #asksWhether(): false {
    const asked = syncWriter.isLocal(path.dirname(this.#target.partPath));
    asked.then(
      (isLocal) => (this.#isLocal = isLocal),
      () => undefined,
    );
    return false;
  }

  async #appear({ overwrite, flush, mtime, mode }: PublishOptions): Promise<void> {
    // What was verified ends here, whoever has made the part longer.
    await this.#handle.truncate(this.#length);
    if (mode !== undefined) await this.#handle.chmod(mode);
    if (mtime) await this.#handle.utimes(new Date(), fileTime(mtime));
    if (flush) await this.#sync();
    // Windows renames nothing that is open, and some file systems tell only now that there was no room.
    await this.#handle.close();
    if (!(await this.#hasName())) throw partIsLocked(this.#target);
    await this.#target.take(overwrite);
    // The file has its name: what is left of the note says nothing of it, and is in nobody's way.
    await removePartMetadata(this.#target.notePath).catch(() => undefined);
    if (flush) await this.#target.syncDirectory();
  }

  async #remove(): Promise<void> {
    await removePartMetadata(this.#target.notePath);
    if (!(await this.#hasName())) throw partIsLocked(this.#target);
    await fs.unlink(this.#target.partPath);
  }

  async #sync(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (error) {
      // What the system could not write it tells only once: a later call would believe that it is on the disk.
      this.#described = false;
      throw error;
    }
  }

  async #hasName(): Promise<boolean> {
    return isSame(this.#stats, await unlessMissing(fs.lstat(this.#target.partPath, { bigint: true })));
  }
}
