/**
 * Removes expired and surplus files from private folders: part files of processes that died, suspended uploads that no
 * client resumed, and old commit records. There is no timer: a folder is swept when it is used for the first time, and
 * then at most once an hour; other known folders are swept with it in the background.
 *
 *     scan -> expired, or more than the limit? -> not in use, not changed since the scan? -> remove record, then part file
 */
import { unlessMissing } from '../../../fs/errno.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { PathResolver } from '../walk/path-resolver.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import type { CommitRecordFilter } from './commit-record-filter.js';
import { enterPrivateFolder } from './folder-handles.js';
import type { KeptKind, KnownFolder } from './known-folder.js';
import type { KnownFolders } from './known-folders.js';

const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

/** Folders that wait for a sweep in the background; the next write or listing asks again for others. */
const MAX_WAITING = 1_000;

/** Share of the limit that is removed in addition, or every further file would cause another scan. */
const EXTRA_REMOVALS = 0.1;

export const STORED_NAME = /^([0-9a-f]{32})\.(part|done)$/;

/** Limits on the content of all private folders. */
export interface PartLimits {
  /** Milliseconds from its last change until an upload can no longer be resumed. */
  readonly expiryMs: number;
  /** Suspended uploads, and as many commit records. */
  readonly maxSuspendedUploads: number;
}

/** What a sweep works with. */
export interface SweepContext {
  readonly calls: FileCalls;
  readonly resolver: PathResolver;
  readonly folders: KnownFolders;
  /** The names of uploads in use; a sweep adds those that it is removing. */
  readonly inUse: Set<string>;
  readonly limits: PartLimits;
  /** Receives the names of all records found. */
  readonly records: CommitRecordFilter;
}

/** The files of one upload. */
interface StoredUpload {
  readonly name: string;
  readonly known: KnownFolder;
  kind: KeptKind;
  changedMs: bigint;
}

export class PartSweep {
  readonly #context: SweepContext;
  #allSweptAt = Date.now();
  readonly #sweeps = new Map<KnownFolder, Promise<void>>();
  readonly #waiting = new Set<KnownFolder>();
  #background: Promise<void> | undefined;
  #reduction: Promise<void> | undefined;
  #mustRepeat = false;
  readonly #removals = new Map<string, Promise<void>>();

  constructor(context: SweepContext) {
    this.#context = context;
  }

  /** Whether a folder that is used must be swept. Once an hour, starts the sweep of all known folders, too. */
  isDue({ sweptAt }: KnownFolder): boolean {
    const nowMs = Date.now();
    if (nowMs - this.#allSweptAt >= SWEEP_INTERVAL_MS) {
      this.#allSweptAt = nowMs;
      for (const known of this.#context.folders.all()) this.runSoon(known);
    }
    return nowMs - sweptAt >= SWEEP_INTERVAL_MS;
  }

  /** Sweeps a folder, or joins the sweep that is running. Never rejects. */
  run(known: KnownFolder): Promise<void> {
    const running = this.#sweeps.get(known);
    if (running) return running;
    const sweep = this.#sweep(known).finally(() => this.#sweeps.delete(known));
    this.#sweeps.set(known, sweep);
    return sweep;
  }

  /** Sweeps a folder in the background, one at a time, unless it was swept within the last hour. */
  runSoon(known: KnownFolder): void {
    if (Date.now() - known.sweptAt < SWEEP_INTERVAL_MS || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(known);
    this.#background ??= this.#runWaiting().finally(() => (this.#background = undefined));
  }

  /** Counts a file that stays in a folder, and removes old ones if there are too many. */
  async count(known: KnownFolder, kind: KeptKind): Promise<void> {
    this.#context.folders.count(known, kind, 1);
    await this.#reduceIfOver();
  }

  /** Resolves when a running removal of this name has ended; undefined if there is none. */
  removing(name: string): Promise<void> | undefined {
    return this.#removals.get(name);
  }

  /** Resolves when no sweep is running. */
  async settled(): Promise<void> {
    this.#waiting.clear();
    await Promise.all([...this.#sweeps.values(), this.#background, this.#reduction]);
  }

  isExpired(changedMs: bigint): boolean {
    return Number(changedMs) < Date.now() - this.#context.limits.expiryMs;
  }

  expiresInMs(changedMs: bigint): number {
    return Math.max(0, Number(changedMs) + this.#context.limits.expiryMs - Date.now());
  }

  async #runWaiting(): Promise<void> {
    for (const known of this.#waiting) {
      this.#waiting.delete(known);
      await this.run(known);
    }
  }

  async #sweep(known: KnownFolder): Promise<void> {
    known.sweptAt = Date.now();
    await this.#inFolder(known, async (folder) => {
      for (const upload of await this.#scan(known, folder)) {
        if (this.isExpired(upload.changedMs)) await this.#remove(folder, upload);
      }
    });
    await this.#reduceIfOver();
  }

  /** Removes the oldest files of all folders that the storage has used if there are more than the limit. */
  async #reduceIfOver(): Promise<void> {
    const { folders, limits } = this.#context;
    if (Math.max(folders.kept.part, folders.kept.record) <= limits.maxSuspendedUploads) return;
    // A running scan may have read the folder before the last file was there.
    this.#mustRepeat = this.#reduction !== undefined;
    this.#reduction ??= this.#reduceRepeatedly().finally(() => (this.#reduction = undefined));
    await this.#reduction;
  }

  async #reduceRepeatedly(): Promise<void> {
    do {
      this.#mustRepeat = false;
      await this.#reduce();
    } while (this.#mustRepeat);
  }

  async #reduce(): Promise<void> {
    const found: StoredUpload[] = [];
    for (const known of this.#context.folders.all()) {
      // Uploads of another storage, whose tree overlaps with this one, may be running in a folder that was only listed.
      if (!known.isOwn || known.kept.part + known.kept.record === 0) continue;
      const uploads = await this.#inFolder(known, (folder) => this.#scan(known, folder));
      for (const upload of uploads ?? []) found.push(upload);
    }
    const surplus = new Map<KnownFolder, StoredUpload[]>();
    for (const upload of [...this.#surplus(found, 'part'), ...this.#surplus(found, 'record')]) {
      const ofFolder = surplus.get(upload.known);
      if (ofFolder) ofFolder.push(upload);
      else surplus.set(upload.known, [upload]);
    }
    for (const [known, uploads] of surplus) {
      await this.#inFolder(known, async (folder) => {
        for (const upload of uploads) await this.#remove(folder, upload);
      });
    }
  }

  /** The oldest uploads of a kind, if there are more than the limit. */
  #surplus(found: readonly StoredUpload[], kind: KeptKind): StoredUpload[] {
    const { maxSuspendedUploads } = this.#context.limits;
    const uploads = found.filter((upload) => upload.kind === kind);
    if (uploads.length <= maxSuspendedUploads) return [];
    uploads.sort((one, other) => Number(one.changedMs - other.changedMs));
    return uploads.slice(
      0,
      uploads.length - maxSuspendedUploads + Math.floor(maxSuspendedUploads * EXTRA_REMOVALS),
    );
  }

  // Best effort: the next sweep removes what this one cannot.
  async #inFolder<T>(
    known: KnownFolder,
    work: (folder: OpenDirectory) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.#context.resolver.inDirectory(known.directory, async (directory) => {
        const folder = await enterPrivateFolder(directory);
        try {
          return await work(folder);
        } finally {
          await folder.close();
        }
      });
    } catch {
      // The folder is missing or cannot be read; creating a file in it reports that.
      return undefined;
    } finally {
      // Perhaps it is empty now.
      this.#context.folders.noteUse(known);
    }
  }

  /** The uploads in the folder that are not in use. */
  async #scan(known: KnownFolder, folder: OpenDirectory): Promise<StoredUpload[]> {
    const { folders, inUse, records } = this.#context;
    const found = new Map<string, StoredUpload>();
    for await (const { name: file } of folder.names()) {
      const [, name = '', extension] = STORED_NAME.exec(file) ?? [];
      if (extension === 'done') records.add(name);
      if (name === '' || inUse.has(name)) continue;
      const changedMs = await this.#changedMs(folder.at(file));
      if (changedMs === undefined) continue;
      const upload: StoredUpload = found.get(name) ?? { name, known, kind: 'record', changedMs };
      if (extension === 'part') upload.kind = 'part';
      if (changedMs > upload.changedMs) upload.changedMs = changedMs;
      found.set(name, upload);
    }
    known.hasAllRecords = true;
    const uploads = [...found.values()];
    const parts = uploads.filter(({ kind }) => kind === 'part').length;
    folders.count(known, 'part', parts - known.kept.part);
    folders.count(known, 'record', uploads.length - parts - known.kept.record);
    return uploads;
  }

  /** The ctime of a file; an upload may set its mtime to any time. */
  async #changedMs(path: string): Promise<bigint | undefined> {
    const stats = await unlessMissing(this.#context.calls.lstat(path));
    return stats?.isFile() ? stats.ctimeMs : undefined;
  }

  async #remove(folder: OpenDirectory, upload: StoredUpload): Promise<void> {
    const { folders, inUse } = this.#context;
    if (inUse.has(upload.name)) return;
    inUse.add(upload.name);
    folders.count(upload.known, upload.kind, -1);
    const removal = this.#removeFiles(folder, upload);
    this.#removals.set(upload.name, removal);
    await removal;
  }

  /** Removes the record first: a record without a part file would mean that the upload was committed. */
  async #removeFiles(folder: OpenDirectory, { name, changedMs }: StoredUpload): Promise<void> {
    const { calls, inUse } = this.#context;
    try {
      const files = ['done', 'part'].map((extension) => folder.at(`${name}.${extension}`));
      // The upload may have been resumed and suspended again since the scan.
      for (const file of files) if (((await this.#changedMs(file)) ?? 0n) > changedMs) return;
      for (const file of files) await unlessMissing(calls.unlink(file));
    } catch {
      // Another process may be allowed to remove files that this one may not.
    } finally {
      inUse.delete(name);
      this.#removals.delete(name);
    }
  }
}
