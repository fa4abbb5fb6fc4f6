/**
 * Downloads a remote file into a local one. A later call can resume the download, also in another process.
 *
 *     SmallDownload -> small: the target
 *     other: PartialDownload.acquire -> resumeState: bytes of an earlier call -> Download -> PartWriter -> publish: the target
 */
import { pipeline } from 'node:stream/promises';
import { TransferError, withCallStack } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { parseFilePath } from '../request/path-argument.js';
import { AbortScope } from '../request/abort-scope.js';
import { Download } from '../streams/download.js';
import { PartialDownload, type ResumeState } from './partial-download/partial-download.js';
import {
  downloadSettings,
  type DownloadFileOptions,
  type DownloadFileSettings,
} from './download-file-settings.js';
import { localError } from './local-error.js';
import { LocalTarget } from './local-target.js';
import { openFileLimiterOf } from './open-file-limiter.js';
import { PartWriter } from './partial-download/part-writer.js';
import { fileSegments, type FileSegments } from './segments/file-segments.js';
import { SmallDownload } from './small-download/small-download.js';
import { SegmentedDownload } from './segments/segmented-download.js';
import { sweepParts } from './partial-download/sweep-parts.js';
import type { ClientContext } from '../request/client-context.js';

/** A downloaded file. */
export interface DownloadedFile extends FileEntry {
  /** Absolute path of the local file. */
  readonly localPath: string;
  /** Verified checksum, e.g. `crc32:0a1b2c3d`; undefined with the checksum `'none'`. */
  readonly checksum: string | undefined;
  /** Bytes of an earlier call that were not downloaded again. */
  readonly resumedFrom: number;
}

/** Attempts after damage, without a byte more that was verified. */
const MAX_DAMAGED_ATTEMPTS = 3;

/** Answers of the server to a part that is not of its file: the download starts over. */
const MISMATCH_CODES = ['ESTALE', 'EBADMSG', 'ERANGE'];

/** Answers of the server after which no later call can resume the part. */
const USELESS_CODES = [...MISMATCH_CODES, 'ENOENT', 'EISDIR', 'ENOTDIR'];

/** What is downloaded, and where to. */
export interface DownloadPlaces {
  readonly path: string;
  readonly localPath: string | URL;
  /** Called when all bytes are there, right before the file gets its name. What it rejects with ends the download. */
  readonly beforePublish?: (() => Promise<void>) | undefined;
}

/** Throws a TypeError for a wrong option. */
export async function downloadFile(
  context: ClientContext,
  places: DownloadPlaces,
  options: DownloadFileOptions,
): Promise<DownloadedFile> {
  const settings = downloadSettings(options);
  const target = new LocalTarget(places.localPath);
  const path = parseFilePath('download', places.path);
  try {
    return await AbortScope.run(options, context.dispatcher.timers, (scope) =>
      openFileLimiterOf(context).run(scope, () =>
        new FileDownload(context, { ...places, path, target, settings, scope }).run(),
      ),
    );
  } catch (error) {
    // Errors thrown by onProgress stay as they are.
    throw error instanceof TransferError
      ? withCallStack(TransferError.from(error, { operation: 'download', path }))
      : error;
  }
}

interface Plan extends Pick<DownloadPlaces, 'beforePublish'> {
  readonly path: RemotePath;
  readonly target: LocalTarget;
  readonly settings: DownloadFileSettings;
  readonly scope: AbortScope;
}

class FileDownload {
  readonly #context: ClientContext;
  readonly #plan: Plan;
  readonly #small: SmallDownload;
  /** Permissions of the file that is replaced. */
  #mode: number | undefined;
  /** Whether the server has answered that the part of an earlier call is not of its file. */
  #isMismatch = false;
  /** Whether no later call can resume the part. An error of the connection or of the file system does not show that. */
  #isUseless = false;
  #hasRestarted = false;
  /** The verified bytes of the part, if those after them were damaged on their way. */
  #verifiedBytes: number | undefined;
  #mostVerifiedBytes = 0;
  #damagedAttempts = 0;
  /** Bytes that the first attempt has found. */
  #resumedFrom = Infinity;
  #reportedBytes = 0;

  constructor(context: ClientContext, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
    const onReceived = (bytes: number, total: number): void => this.#report(bytes, total);
    this.#small = new SmallDownload(context, { ...plan, onReceived });
  }

  async run(): Promise<DownloadedFile> {
    const { target } = this.#plan;
    this.#mode = await this.#small.lookUp();
    await sweepParts(target.directory);
    for (;;) {
      try {
        return (await this.#receiveSmall()) ?? (await this.#attempt());
      } catch (error) {
        if (!this.#shouldRepeat()) throw error;
      } finally {
        this.#small.takeOpened()?.destroy();
      }
    }
  }

  /** Resolves with undefined if the file is large, or may be. */
  async #receiveSmall(): Promise<DownloadedFile | undefined> {
    if (!this.#small.mayBeSmall) return undefined;
    this.#verifiedBytes = undefined;
    try {
      const received = await this.#small.receive();
      return received && { localPath: this.#plan.target.path, resumedFrom: 0, ...received };
    } catch (error) {
      this.#verifiedBytes = this.#countDamage(this.#small.isDamaged ? 0 : undefined);
      throw error;
    }
  }

  #shouldRepeat(): boolean {
    if (this.#verifiedBytes !== undefined) return true;
    // The part was discarded, so the second attempt begins with a new one.
    const restarts = this.#isMismatch && !this.#hasRestarted;
    this.#hasRestarted ||= restarts;
    return restarts;
  }

  async #attempt(): Promise<DownloadedFile> {
    const { path, target, scope, settings } = this.#plan;
    const { checksum, fileCalls } = this.#context;
    const { connections } = settings;
    for (;;) {
      const part = await PartialDownload.acquire(target, { mode: this.#mode, fileCalls });
      const verifiedBytes = this.#verifiedBytes ?? part.length;
      this.#isUseless = this.#isMismatch = false;
      this.#verifiedBytes = undefined;
      try {
        scope.throwIfAborted();
        const segments = await fileSegments(this.#context, part, { path, scope, connections });
        if (segments) return await this.#fillSegments(part, segments);
        await part.cut(verifiedBytes);
        const resumed = await part.resumeState({ path, checksum }, () => scope.throwIfAborted());
        if (resumed || part.length === 0) return await this.#fill(part, resumed);
        await part.remove();
      } catch (error) {
        if (!part.resumable || this.#isUseless) await part.discard();
        throw error;
      } finally {
        await part.release();
      }
    }
  }

  async #fill(part: PartialDownload, resumed: ResumeState | undefined): Promise<DownloadedFile> {
    const { path, target, scope } = this.#plan;
    const resumedFrom = (this.#resumedFrom = Math.min(this.#resumedFrom, part.length));
    const from = resumed && { start: 0, resumedSum: resumed.checksum, version: resumed.version };
    if (from) this.#small.takeOpened()?.destroy();
    const options = { signal: scope.signal };
    const download = this.#small.takeOpened() ?? new Download(this.#context, path, options, from);
    // The promises below reject with the same error.
    download.on('error', () => undefined);
    try {
      const entry = await this.#entryOf(download, resumed);
      if (!resumed) await part.writeMetadata(this.#metadataOf(entry));
      await this.#restrict(part, entry);
      const onWritten = (): void => this.#report(part.length, entry.size);
      onWritten();
      await pipeline(download, new PartWriter(part, onWritten));
      const { checksum, etag } = await download.completed;
      scope.throwIfAborted();
      await this.#publish(part, entry);
      return { localPath: target.path, checksum, resumedFrom, ...entry, etag };
    } catch (error) {
      this.#verifiedBytes = this.#countDamage(download.bytesBeforeDamage);
      this.#isUseless ||= this.#verifiedBytes === undefined && hasErrno(download.refusal, ...USELESS_CODES);
      throw error;
    } finally {
      download.destroy();
    }
  }

  async #fillSegments(
    part: PartialDownload,
    { entry, list, isResumed }: FileSegments,
  ): Promise<DownloadedFile> {
    const { path, target, settings, scope } = this.#plan;
    const resumedFrom = list.completeBytes;
    this.#small.takeOpened()?.destroy();
    if (!isResumed) {
      const segments = { bytes: list.segmentBytes, checksums: new Map<number, string>() };
      const metadata = this.#metadataOf(entry);
      await part.writeMetadata(metadata && { ...metadata, segments });
    }
    await this.#restrict(part, entry);
    const onWritten = (bytes: number): void => this.#report(bytes, entry.size);
    onWritten(resumedFrom);
    const plan = { path, list, scope, onWritten, etag: entry.etag, connections: settings.connections };
    const download = new SegmentedDownload(this.#context, part, plan);
    try {
      await download.run();
    } catch (error) {
      this.#isUseless = hasErrno(download.refusal, ...USELESS_CODES);
      throw error;
    }
    const checksum = await this.#checksumOf(part, entry);
    await this.#publish(part, entry);
    return { localPath: target.path, checksum, resumedFrom, ...entry };
  }

  /** Of the bytes in the part; the connections have received them in another order. */
  async #checksumOf(part: PartialDownload, { size }: FileEntry): Promise<string | undefined> {
    const { target, scope } = this.#plan;
    const { checksum } = this.#context;
    if (checksum === 'none') return undefined;
    const sum = await part.checksumOf({ from: 0, to: size }, checksum, () => scope.throwIfAborted());
    if (!sum) throw localError('EIO', target.path);
    return sum.digest();
  }

  #restrict(part: PartialDownload, entry: FileEntry): Promise<void> {
    const mode = this.#modeOf(entry);
    return mode === undefined ? Promise.resolve() : part.restrict(mode);
  }

  #report(bytes: number, total: number): void {
    const { settings, scope } = this.#plan;
    scope.throwIfAborted();
    // Bytes that were damaged have been reported before.
    if (bytes < this.#reportedBytes) return;
    this.#reportedBytes = bytes;
    settings.onProgress?.({ bytes, total });
  }

  /** Returns the bytes from which on to download again; undefined if nothing was damaged, or too often. */
  #countDamage(verifiedBytes: number | undefined): number | undefined {
    if (verifiedBytes === undefined || !this.#context.dispatcher.reconnects) return undefined;
    if (verifiedBytes > this.#mostVerifiedBytes) this.#damagedAttempts = 0;
    this.#mostVerifiedBytes = Math.max(this.#mostVerifiedBytes, verifiedBytes);
    return this.#damagedAttempts++ < MAX_DAMAGED_ATTEMPTS ? verifiedBytes : undefined;
  }

  async #publish(part: PartialDownload, entry: FileEntry): Promise<void> {
    const { settings } = this.#plan;
    const mtime = settings.preserveTimestamps ? entry.mtime : undefined;
    await this.#plan.beforePublish?.();
    try {
      await part.publish({ ...settings, mode: this.#modeOf(entry) ?? this.#mode, mtime });
    } catch (error) {
      this.#isUseless = hasErrno(error, 'EEXIST');
      throw error;
    }
  }

  /** The permission bits of the remote file, if the local one gets them. */
  #modeOf({ mode }: FileEntry): number | undefined {
    return this.#plan.settings.preserveMode ? mode : undefined;
  }

  async #entryOf(download: Download, resumed: ResumeState | undefined): Promise<FileEntry> {
    try {
      return await download.entry;
    } catch (error) {
      this.#isMismatch = resumed !== undefined && hasErrno(download.refusal, ...MISMATCH_CODES);
      throw error;
    }
  }

  /** Undefined if the download cannot be resumed: that needs a version, and a checksum for the server to compare. */
  #metadataOf({ path, etag, size, mtime }: FileEntry) {
    const { checksum } = this.#context;
    const version = etag === undefined ? undefined : { etag, size, mtime };
    return version && checksum !== 'none' ? { path, version, checksum } : undefined;
  }
}
