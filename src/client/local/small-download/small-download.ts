/**
 * Downloads a small file into a local one: all bytes into memory, then into a file that is renamed at once. There is no
 * lock, no part and no note: after a failure the file is fetched again.
 *
 *     lstat: target, part -> Download -> entry: small? -> all bytes -> writeDirectly or writeInThreads
 *                       \-> there is one               \-> the caller continues with the open download
 */
import fs, { constants } from 'node:fs/promises';
import path from 'node:path';
import { bufferPool } from '../../../buffers/buffer-pool.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import { Download } from '../../streams/download.js';
import type { DownloadFileSettings } from '../download-file-settings.js';
import type { LocalTarget } from '../local-target.js';
import { partBusyError } from '../partial-download/acquired-part.js';
import { directCalls, type DirectCalls } from './direct-calls.js';
import { MAX_SMALL_BYTES, SmallBody } from './small-body.js';
import { writeDirectly, writeInThreads } from './small-download-file.js';

/** The targets of small downloads of this process, by their real paths. */
const ownTargets = new Set<string>();

export interface SmallDownloadPlan {
  readonly path: RemotePath;
  readonly target: LocalTarget;
  readonly settings: DownloadFileSettings;
  readonly scope: AbortScope;
  readonly beforePublish?: (() => Promise<void>) | undefined;
  readonly onReceived: (bytes: number, total: number) => void;
}

export interface ReceivedFile extends FileEntry {
  readonly checksum: string | undefined;
}

export class SmallDownload {
  readonly #context: ClientContext;
  readonly #plan: SmallDownloadPlan;
  readonly #calls: DirectCalls | undefined;
  #isDirect = false;
  #mode: number | undefined;
  #mayBeSmall: boolean;
  #isDamaged = false;
  #opened: Download | undefined;

  constructor(context: ClientContext, plan: SmallDownloadPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#calls = context.fileCalls === 'auto' ? directCalls : undefined;
    this.#mayBeSmall = plan.settings.connections === 1;
  }

  /** Whether another attempt may find a small file. */
  get mayBeSmall(): boolean {
    return this.#mayBeSmall;
  }

  /** Whether the last attempt has failed because its bytes were damaged on their way. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Finds the directory of the target, and resolves with the permissions of the file that is replaced. */
  async lookUp(): Promise<number | undefined> {
    const { target, settings } = this.#plan;
    const given = path.dirname(target.path);
    const known = this.#calls?.realPathOf(given);
    this.#isDirect = known !== undefined;
    if (this.#isDirect) await this.#calls?.turn();
    this.#mode = await target.permissions(settings.overwrite, this.#lstat);
    if (known === undefined) await this.#lookUpDirectory(given);
    else target.useDirectory(known);
    return this.#mode;
  }

  /** Creating the part reports before the request that the directory is not writable. */
  async #lookUpDirectory(given: string): Promise<void> {
    const { target } = this.#plan;
    await target.resolveDirectory();
    if (!this.#mayBeSmall) return;
    this.#mayBeSmall = await isWritable(target.directory);
    if (this.#mayBeSmall) this.#calls?.noteRealPath(given, target.directory);
  }

  /** Resolves when the target is in place; with undefined if a part is needed. EBUSY if another call downloads to the target. */
  async receive(): Promise<ReceivedFile | undefined> {
    const { target } = this.#plan;
    this.#isDamaged = false;
    // A part of an earlier call belongs to a large file, which can be resumed.
    if (await target.hasPart(this.#lstat)) return this.#giveUp();
    const place = path.join(target.directory, path.basename(target.path));
    if (ownTargets.has(place)) throw partBusyError(target);
    ownTargets.add(place);
    try {
      return await this.#receive();
    } finally {
      ownTargets.delete(place);
    }
  }

  /** Returns the download of a large file, which has begun at byte 0; its caller ends it. */
  takeOpened(): Download | undefined {
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  get #lstat() {
    return this.#isDirect ? this.#calls?.lstat : undefined;
  }

  async #giveUp(): Promise<undefined> {
    this.#mayBeSmall = false;
    // A part is found only by a real path that is right now.
    if (this.#isDirect) await this.#plan.target.resolveDirectory();
    return undefined;
  }

  async #receive(): Promise<ReceivedFile | undefined> {
    const { path: remotePath, scope, onReceived } = this.#plan;
    const download = new Download(this.#context, remotePath, { signal: scope.signal });
    const body = new SmallBody(download);
    try {
      const entry = await download.entry;
      if (entry.size > MAX_SMALL_BYTES) {
        this.#opened = download;
        return await this.#giveUp();
      }
      onReceived(0, entry.size);
      const pieces = await body.pieces();
      const { checksum, etag } = await download.completed;
      if (entry.size > 0) onReceived(entry.size, entry.size);
      scope.throwIfAborted();
      await this.#write(pieces, entry);
      return { checksum, ...entry, etag };
    } catch (error) {
      this.#isDamaged = download.bytesBeforeDamage !== undefined;
      throw error;
    } finally {
      if (this.#opened !== download) download.destroy();
    }
  }

  async #write(pieces: readonly Buffer[], entry: FileEntry): Promise<void> {
    const { target, settings, scope, beforePublish } = this.#plan;
    const mtime = settings.preserveTimestamps ? entry.mtime : undefined;
    const mode = (settings.preserveMode ? entry.mode : undefined) ?? this.#mode;
    const publishing = async (): Promise<void> => {
      scope.throwIfAborted();
      await beforePublish?.();
    };
    const file = { ...settings, target, pieces, mtime, mode, beforePublish: publishing };
    if (!this.#calls || !this.#isDirect || settings.flush || beforePublish) await writeInThreads(file);
    else {
      await this.#calls.turn();
      scope.throwIfAborted();
      if (!writeDirectly(file, this.#calls)) await writeInThreads(file);
    }
    bufferPool.releaseAll(pieces);
  }
}

/** Whether files can be created in a directory: false also where only the effective user may do that. */
async function isWritable(directory: string): Promise<boolean> {
  try {
    await fs.access(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
