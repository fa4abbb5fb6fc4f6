/**
 * A download into a local file, which a later call goes on with, also one of another process.
 *
 *     what is there of the target? -> part: claim, sum up what is at hand -> Download -> part -> target
 */
import { pipeline } from 'node:stream/promises';
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { choiceOption, flagOption, rejectUnknownOptions } from '../../options/option.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { AbortScope } from '../request/abort-scope.js';
import { Download } from '../streams/download.js';
import { PartialDownload, type ResumeState } from './partial-download/partial-download.js';
import { LocalTarget } from './local-target.js';
import { PartWriter } from './partial-download/part-writer.js';
import { progressOption, type ProgressOptions } from '../request/progress.js';
import type { ClientContext } from '../request/client-context.js';

/** How to download into a local file. */
export interface DownloadFileOptions extends CallOptions, ProgressOptions {
  /** Replaces an existing local file. Default true; false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
  /** Gives the local file the modification time of the remote one. Default true; false: the time of the download. */
  preserveTimestamps?: boolean | undefined;
  /** `'commit'`: it resolves when the file is on the disk; `'none'`: when the system has it. Default `'commit'`. */
  durability?: 'commit' | 'none' | undefined;
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

const OPTION_NAMES = ['overwrite', 'preserveTimestamps', 'durability', 'onProgress', ...callOptionNames];

/** What the server says of a part that is not of its file: it is begun anew. */
const REFUSALS = ['ESTALE', 'EBADMSG', 'ERANGE'];

/** What makes a part worthless for any later call. Not EPROTO: that may be a proxy which has no server just now. */
const ENDS = [...REFUSALS, 'ENOENT', 'EISDIR', 'ENOTDIR', 'EEXIST'];

/** Downloads a file into a local one. Throws a TypeError for an option that is wrong. */
export async function downloadFile(
  context: ClientContext,
  { path, localPath }: DownloadPlaces,
  options: DownloadFileOptions,
): Promise<DownloadedFile> {
  const settings = downloadSettings(options);
  const target = new LocalTarget(localPath);
  const checked = parseNonRootPath('download', path);
  try {
    return await AbortScope.run(options, context.dispatcher.timers, (limit) =>
      new FileDownload(context, { path: checked, target, settings, limit }).run(),
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
  const { overwrite, preserveTimestamps, durability, onProgress } = options;
  return {
    overwrite: flagOption('overwrite', overwrite) ?? true,
    preserveTimestamps: flagOption('preserveTimestamps', preserveTimestamps) ?? true,
    durable:
      choiceOption('durability', durability, { choices: ['commit', 'none'], default: 'commit' }) === 'commit',
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
  readonly #context: ClientContext;
  readonly #plan: Plan;
  /** Permissions of the file that is replaced. */
  #mode: number | undefined;
  /** Whether the server has refused what an earlier call had left. */
  #refused = false;

  constructor(context: ClientContext, plan: Plan) {
    this.#context = context;
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
    return part.resumeState({ path, checksum: this.#context.checksum }, () => limit.throwIfAborted());
  }

  async #fill(part: PartialDownload, earlier: ResumeState | undefined): Promise<DownloadedFile> {
    const { path, target, settings, limit } = this.#plan;
    const resumedFrom = part.length;
    const options = { ifMatch: earlier?.etag, signal: limit.signal };
    const download = new Download(this.#context, path, options, { start: 0, resumedSum: earlier?.checksum });
    // It is told by every promise below.
    download.on('error', () => undefined);
    try {
      const entry = await this.#begin(download, earlier);
      if (!earlier) await part.writeMetadata(this.#noteOf(entry));
      const written = (): void => {
        limit.throwIfAborted();
        settings.onProgress?.({ bytes: part.length, total: entry.size });
      };
      written();
      await pipeline(download, new PartWriter(part, written));
      const { checksum } = await download.completed;
      limit.throwIfAborted();
      await part.publish({
        ...settings,
        mode: this.#mode,
        mtime: settings.preserveTimestamps ? entry.mtime : undefined,
      });
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
    const { checksum } = this.#context;
    return etag === undefined || checksum === 'none' ? undefined : { path, etag, size, checksum };
  }
}
