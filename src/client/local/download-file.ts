/**
 * A download into a local file, which a later call goes on with, also one of another process.
 *
 *     what is there of the target? -> part: claim, sum up what is at hand -> Download -> part -> target
 */
import { pipeline } from 'node:stream/promises';
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { flagOption, rejectUnknownOptions } from '../../options/option.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { AbortScope } from '../request/abort-scope.js';
import { Download } from '../streams/download.js';
import { PartialDownload, type ResumeState } from './partial-download/partial-download.js';
import { LocalTarget } from './local-target.js';
import { PartWriter } from './partial-download/part-writer.js';
import { progressOption, type ProgressListener } from './progress.js';
import type { ClientContext } from '../request/client-context.js';

/** How to download into a local file. */
export interface DownloadFileOptions extends CallOptions {
  /** Whether an existing local file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Whether the local file gets the time of change of the remote one. Default true. */
  mtime?: boolean | undefined;
  /** Whether the local file and its name must be on the disk before the call resolves. Default true. */
  flush?: boolean | undefined;
  /** Told how far it has come. */
  onProgress?: ProgressListener | undefined;
}

/** A file that was downloaded. */
export interface DownloadedFile extends FileEntry {
  /** Where it is now: an absolute path. */
  readonly localPath: string;
  /** What was compared with the server, e.g. `crc32:0a1b2c3d`; undefined if the checksum is `'none'`. */
  readonly checksum: string | undefined;
  /** Bytes that an earlier call had left, and that did not have to come once more. */
  readonly resumedFrom: number;
}

/** What to download, and where to. */
export interface DownloadPlaces {
  readonly path: string;
  readonly localPath: string | URL;
}

const OPTION_NAMES = ['overwrite', 'mtime', 'flush', 'onProgress', ...callOptionNames];

/** What the server says of a part that is not of its file: it is begun anew. */
const REFUSALS = ['ESTALE', 'EBADMSG', 'ERANGE'];

/** What makes a part worthless for any later call. Not EPROTO: that may be a proxy which has no server just now. */
const ENDS = [...REFUSALS, 'ENOENT', 'EISDIR', 'ENOTDIR', 'EEXIST'];

/** Downloads a file into a local one. Throws a TypeError for an option that is wrong. */
export async function downloadFile(
  requester: ClientContext,
  { path, localPath }: DownloadPlaces,
  options: DownloadFileOptions,
): Promise<DownloadedFile> {
  const settings = downloadSettings(options);
  const target = new LocalTarget(localPath);
  const checked = parseNonRootPath('download', path);
  try {
    return await AbortScope.run(options, (limit) =>
      new FileDownload(requester, { path: checked, target, settings, limit }).run(),
    );
  } catch (error) {
    // What a listener throws is its own.
    throw error instanceof TransferError
      ? TransferError.from(error, { operation: 'download', path: checked })
      : error;
  }
}

type Settings = ReturnType<typeof downloadSettings>;

function downloadSettings(options: DownloadFileOptions) {
  rejectUnknownOptions('downloadFile', options, OPTION_NAMES);
  const { overwrite, mtime, flush, onProgress } = options;
  return {
    overwrite: flagOption('overwrite', overwrite) ?? true,
    mtime: flagOption('mtime', mtime) ?? true,
    flush: flagOption('flush', flush) ?? true,
    onProgress: progressOption(onProgress),
  };
}

interface Plan {
  readonly path: RemotePath;
  readonly target: LocalTarget;
  readonly settings: Settings;
  readonly limit: AbortScope;
}

class FileDownload {
  readonly #requester: ClientContext;
  readonly #plan: Plan;
  /** Permissions of the file that is replaced. */
  #mode: number | undefined;
  /** Whether the server has refused what an earlier call had left. */
  #refused = false;

  constructor(requester: ClientContext, plan: Plan) {
    this.#requester = requester;
    this.#plan = plan;
  }

  async run(): Promise<DownloadedFile> {
    const { target, settings } = this.#plan;
    this.#mode = await target.permissions(settings.overwrite);
    try {
      return await this.#attempt();
    } catch (error) {
      if (!this.#refused) throw error;
      // The part is removed: this is a new one.
      return this.#attempt();
    }
  }

  async #attempt(): Promise<DownloadedFile> {
    for (;;) {
      const part = await PartialDownload.acquire(this.#plan.target, this.#mode);
      try {
        const earlier = await this.#earlier(part);
        if (earlier || part.length === 0) return await this.#fill(part, earlier);
        await part.remove();
      } catch (error) {
        if (!part.resumable || hasErrno(error, ...ENDS)) await part.discard();
        throw error;
      } finally {
        await part.release();
      }
    }
  }

  async #earlier(part: PartialDownload): Promise<ResumeState | undefined> {
    const { path, limit } = this.#plan;
    limit.throwIfAborted();
    return part.resumeState({ path, checksum: this.#requester.checksum }, () => limit.throwIfAborted());
  }

  async #fill(part: PartialDownload, earlier: ResumeState | undefined): Promise<DownloadedFile> {
    const { path, target, settings, limit } = this.#plan;
    const resumedFrom = part.length;
    const options = { ifMatch: earlier?.etag, signal: limit.signal };
    const download = new Download(this.#requester, path, options, { start: 0, earlier: earlier?.sum });
    // It is told by every promise below.
    download.on('error', () => undefined);
    try {
      const entry = await this.#begin(download, earlier);
      if (!earlier) await part.writeMetadata(this.#noteOf(entry));
      settings.onProgress(part.length, entry.size);
      const written = (): void => {
        limit.throwIfAborted();
        settings.onProgress(part.length, entry.size);
      };
      await pipeline(download, new PartWriter(part, written));
      const { checksum } = await download.completed;
      limit.throwIfAborted();
      await part.publish({ ...settings, mode: this.#mode, mtime: settings.mtime ? entry.mtime : undefined });
      return { localPath: target.path, checksum, resumedFrom, ...entry };
    } finally {
      download.destroy();
    }
  }

  async #begin(download: Download, earlier: ResumeState | undefined): Promise<FileEntry> {
    try {
      const entry = await download.entry;
      if (earlier && entry.etag !== earlier.etag) throw new TransferError('ESTALE');
      return entry;
    } catch (error) {
      if (earlier && hasErrno(error, ...REFUSALS)) this.#refused = true;
      throw error;
    }
  }

  /** Of a part that can be gone on with: it is known of which version it is, and the server can compare it. */
  #noteOf({ path, etag, size }: FileEntry) {
    const { checksum } = this.#requester;
    return etag === undefined || checksum === 'none' ? undefined : { path, etag, size, checksum };
  }
}
