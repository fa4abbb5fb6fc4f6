/**
 * A download in progress: a part file beside the target, which is renamed to the target when it is complete and verified.
 *
 *     acquire: open, lock -> resumeState: checksum of the bytes of an earlier call
 *       -> writeMetadata, write ... -> publish: times, fsync, rename, fsync of the directory
 *
 * A part file is written by one call at a time, and belongs to one version of one remote file as long as it exists: a part
 * that cannot be resumed is removed, and the next one is another file.
 */
import nodeFs, { type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { TransferError } from '../../../errors.js';
import { unlessMissing } from '../../../fs/errno.js';
import { BodyChecksum } from '../../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import { fileTime } from '../../../fs/file-time.js';
import { bytesOfPieces, piecesAfter, writePieces } from '../../../fs/pieces.js';
import { LocalMountCache } from '../../../sync-fs/local-mount-cache.js';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { acquirePart, isSameFile, OWNER_MODE, partBusyError, type AcquiredPart } from './acquired-part.js';
import { toLocalError, withLocalPath } from '../local-error.js';
import {
  appendSegment,
  readPartMetadata,
  removePartMetadata,
  writePartMetadata,
  type PartMetadata,
} from './part-metadata.js';
import { readPieces, updateChecksum } from '../read-pieces.js';
import type { LocalTarget } from '../local-target.js';

/** Permissions of a new file, before the umask of the process. */
const NEW_FILE_MODE = 0o666;

/** What an earlier call has left. */
export interface ResumeState {
  readonly version: PartMetadata['version'];
  /** Of all bytes in the part file. */
  readonly checksum: BodyChecksum;
}

/** The remote file that a part must be of. */
interface WantedFile {
  readonly path: string;
  readonly checksum: ChecksumAlgorithm;
}

export interface PublishOptions {
  readonly overwrite: boolean;
  /** Whether to flush the file and its name to the disk. */
  readonly flush: boolean;
  readonly mtime: Date | undefined;
  /** Permissions of the file that is replaced. */
  readonly mode: number | undefined;
}

const mounts = new LocalMountCache();
const gate = new SyncCallGate();

/** Writes on the main thread: a write into the system's cache costs less than the way to a thread and back. */
export const syncWriter = {
  /** Whether files in a directory (an absolute path) are on this machine. */
  isLocal: (directory: string): Promise<boolean> => mounts.has(`${directory}/`),

  /** Returns the number of written bytes; undefined if recent synchronous calls were slow. */
  write: (fd: number, pieces: readonly Uint8Array[], position: number): number | undefined =>
    gate.run(() => nodeFs.writevSync(fd, pieces, position), bytesOfPieces(pieces)),
};

export class PartialDownload {
  readonly #target: LocalTarget;
  readonly #handle: FileHandle;
  readonly #unlock: () => Promise<void>;
  readonly #stats: BigIntStats;
  #length: number;
  /** Whether a metadata file exists, or may exist. */
  #hasMetadata: boolean;
  /** Undefined before the first write, false until it is known. */
  #isLocal: boolean | undefined;

  private constructor(target: LocalTarget, file: AcquiredPart) {
    this.#target = target;
    this.#handle = file.handle;
    this.#unlock = file.unlock;
    this.#stats = file.stats;
    this.#length = Number(file.stats.size);
    this.#hasMetadata = this.#length > 0;
  }

  /** Opens the part file of a target, or creates it. EBUSY if another call writes it. */
  static async acquire(
    target: LocalTarget,
    { mode = NEW_FILE_MODE, fileCalls }: { mode: number | undefined; fileCalls: 'auto' | 'threads' },
  ): Promise<PartialDownload> {
    const part = new PartialDownload(target, await withLocalPath(target.path, acquirePart(target, mode)));
    if (fileCalls === 'threads') part.#isLocal = false;
    return part;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether a later call can resume the download. */
  get resumable(): boolean {
    return this.#hasMetadata && this.#length > 0;
  }

  /** The metadata of a part of this remote file; undefined if there is none. */
  async readMetadata(wanted: WantedFile): Promise<PartMetadata | undefined> {
    if (this.#length === 0) return undefined;
    const { path, metadataPath } = this.#target;
    const metadata = await withLocalPath(path, readPartMetadata(metadataPath));
    if (metadata?.path !== wanted.path || metadata.checksum !== wanted.checksum) return undefined;
    return this.#length > metadata.version.size ? undefined : metadata;
  }

  /** The state of a part of this remote file; undefined if there is none. An error thrown by `check` ends the reading. */
  async resumeState(wanted: WantedFile, check: () => void): Promise<ResumeState | undefined> {
    const metadata = await this.readMetadata(wanted);
    if (!metadata || metadata.segments) return undefined;
    const checksum = await this.checksumOf({ from: 0, to: this.#length }, metadata.checksum, check);
    return checksum && { version: metadata.version, checksum };
  }

  /** The checksum of a range; undefined if it cannot be read. An error thrown by `check` ends the reading. */
  async checksumOf(
    range: { from: number; to: number },
    algorithm: ChecksumAlgorithm,
    check: () => void,
  ): Promise<BodyChecksum | undefined> {
    const checksum = new BodyChecksum(algorithm);
    try {
      await updateChecksum(readPieces(this.#handle, range), { checksum, check });
    } catch (error) {
      if (error instanceof TransferError) throw error;
      // A part that cannot be read is downloaded again.
      return undefined;
    }
    return checksum.bytes === range.to - range.from ? checksum : undefined;
  }

  /** Replaces the metadata. Without metadata no later call resumes the part. */
  async writeMetadata(metadata: PartMetadata | undefined): Promise<void> {
    const { metadataPath, path } = this.#target;
    await withLocalPath(path, removePartMetadata(metadataPath));
    if (metadata) await withLocalPath(path, writePartMetadata(metadataPath, metadata, this.#stats));
    this.#hasMetadata = metadata !== undefined;
  }

  /** Notes that a segment is complete, if there is metadata. */
  async noteSegment(index: number, checksum: string): Promise<void> {
    if (!this.#hasMetadata) return;
    const { path, metadataPath } = this.#target;
    await withLocalPath(path, appendSegment(metadataPath, index, checksum));
  }

  /** Writes pieces synchronously where that is fast, by default at the end. Returns the rest, for `write`. */
  writeSync(pieces: readonly Uint8Array[], position = this.#length): readonly Uint8Array[] {
    if (this.#isLocal === undefined) this.#detectLocal();
    if (!this.#isLocal) return pieces;
    try {
      const written = syncWriter.write(this.#handle.fd, pieces, position) ?? 0;
      this.#length = Math.max(this.#length, position + written);
      return piecesAfter(pieces, written);
    } catch (error) {
      throw toLocalError(this.#target.path, error);
    }
  }

  /** Writes pieces, by default at the end. */
  async write(pieces: readonly Uint8Array[], position = this.#length): Promise<void> {
    let end = position;
    const write = async (rest: readonly Uint8Array[]): Promise<number> => {
      const { bytesWritten } = await this.#handle.writev(rest, end);
      end += bytesWritten;
      this.#length = Math.max(this.#length, end);
      return bytesWritten;
    };
    await withLocalPath(this.#target.path, writePieces(pieces, write));
  }

  /** Keeps at most the first `length` bytes. */
  async cut(length: number): Promise<void> {
    if (length >= this.#length) return;
    await withLocalPath(this.#target.path, this.#handle.truncate(length));
    this.#length = length;
  }

  /** Lets only those read the part that these permission bits allow it, and its owner. */
  restrict(mode: number): Promise<void> {
    return withLocalPath(this.#target.path, this.#handle.chmod(mode | OWNER_MODE));
  }

  /** Renames the part to the target, atomically. EEXIST if a file is there that must not be replaced. */
  publish(options: PublishOptions): Promise<void> {
    return withLocalPath(this.#target.path, this.#publish(options));
  }

  /** Removes the part and releases it. Rejects if that fails. */
  async remove(): Promise<void> {
    await withLocalPath(this.#target.path, this.#remove());
    await this.release();
  }

  /** Removes the part as far as possible, and releases it. */
  async discard(): Promise<void> {
    // First the metadata: without it no call resumes the part file, even if that cannot be removed.
    await removePartMetadata(this.#target.metadataPath).catch(() => undefined);
    if (await this.#hasName().catch(() => false)) {
      await fs.unlink(this.#target.partPath).catch(() => undefined);
    }
    await this.release();
  }

  /** Closes and unlocks the part, which stays for a later call. May be called more than once. */
  async release(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await this.#unlock();
  }

  #detectLocal(): void {
    this.#isLocal = false;
    syncWriter.isLocal(path.dirname(this.#target.partPath)).then(
      (isLocal) => (this.#isLocal = isLocal),
      () => undefined,
    );
  }

  async #publish({ overwrite, flush, mtime, mode }: PublishOptions): Promise<void> {
    // Cuts off bytes that another program may have appended.
    await this.#handle.truncate(this.#length);
    if (mode !== undefined) await this.#handle.chmod(mode);
    if (mtime) await this.#handle.utimes(new Date(), fileTime(mtime));
    if (flush) await this.#sync();
    const toSync = flush ? await this.#target.openForSync() : undefined;
    try {
      await this.#rename(overwrite);
      await toSync?.sync();
    } finally {
      await toSync?.close();
    }
  }

  async #rename(overwrite: boolean): Promise<void> {
    // Windows renames no open file, and some file systems report a full disk only on close.
    await this.#handle.close();
    if (!(await this.#hasName())) throw partBusyError(this.#target);
    await this.#target.publishPart(overwrite);
    // The file is in place: metadata that cannot be removed does no harm.
    await removePartMetadata(this.#target.metadataPath).catch(() => undefined);
  }

  async #remove(): Promise<void> {
    await removePartMetadata(this.#target.metadataPath);
    if (!(await this.#hasName())) throw partBusyError(this.#target);
    await fs.unlink(this.#target.partPath);
  }

  async #sync(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (error) {
      // The system reports a failed write once: a later fsync would succeed without the bytes on the disk.
      this.#hasMetadata = false;
      throw error;
    }
  }

  /** Whether the part file still has the name of the part. */
  async #hasName(): Promise<boolean> {
    const stats = await unlessMissing(fs.lstat(this.#target.partPath, { bigint: true }));
    return isSameFile(this.#stats, stats);
  }
}
