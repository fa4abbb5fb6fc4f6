/**
 * Removes expired and surplus files from the private folder: part files of processes that died, suspended uploads that no
 * client resumed, and old commit records. There is no timer; a write starts a sweep at first, and later once an hour.
 *
 *     scan -> expired, or more than the limit? -> not in use, not changed since the scan? -> remove record, then part file
 */
import { unlessMissing } from '../../../fs/errno.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { PartFolderHandle } from './part-folder-handle.js';
import type { CommitRecordFilter } from './commit-record-filter.js';
import type { OpenDirectory } from '../walk/open-directory.js';

const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

/** Share of the limit that a sweep removes in addition, or every further file would cause another scan. */
const EXTRA_REMOVALS = 0.1;

const FILE_NAME = /^([0-9a-f]{32})\.(part|done)$/;

/** Limits on the content of the private folder. */
export interface PartLimits {
  /** Milliseconds from its last change until an upload can no longer be resumed. */
  readonly expiryMs: number;
  /** Suspended uploads, and as many commit records. */
  readonly maxSuspendedUploads: number;
}

/** What a sweep works with. */
export interface SweepContext {
  readonly folder: PartFolderHandle;
  /** The names of uploads in use; a sweep adds those that it is removing. */
  readonly inUse: Set<string>;
  readonly limits: PartLimits;
  /** Receives the names of all records found. */
  readonly records: CommitRecordFilter;
}

/** The files of one upload. */
interface StoredUpload {
  readonly name: string;
  kind: 'part' | 'record';
  changedMs: bigint;
}

export class PartSweep {
  readonly #calls: FileCalls;
  readonly #context: SweepContext;
  #sweptAt = -Infinity;
  #running: Promise<void> | undefined;
  #mustRepeat = false;
  readonly #removals = new Map<string, Promise<void>>();
  #counts = { part: 0, record: 0 };

  constructor(calls: FileCalls, context: SweepContext) {
    this.#calls = calls;
    this.#context = context;
  }

  /** The folder was just created, so there is nothing to sweep. */
  begin(): void {
    this.#sweptAt = Date.now();
    this.#context.records.complete();
  }

  get isDue(): boolean {
    return Date.now() - this.#sweptAt >= SWEEP_INTERVAL_MS;
  }

  /** Sweeps, or joins the sweep that is running. */
  run(): Promise<void> {
    this.#running ??= this.#sweepRepeatedly().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Counts a file that stays in the folder, and sweeps if there are too many. */
  async count(kind: 'part' | 'record'): Promise<void> {
    this.#counts[kind] += 1;
    if (this.#counts[kind] <= this.#context.limits.maxSuspendedUploads) return;
    // A running sweep may have scanned the folder before this file was there.
    this.#mustRepeat = this.#running !== undefined;
    await this.run();
  }

  /** A part file that was counted is in use again. */
  uncount(): void {
    this.#counts.part = Math.max(0, this.#counts.part - 1);
  }

  /** Resolves when a running removal of this name has ended; undefined if there is none. */
  removing(name: string): Promise<void> | undefined {
    return this.#removals.get(name);
  }

  /** Resolves when no sweep is running. */
  async settled(): Promise<void> {
    await this.#running;
  }

  isExpired(changedMs: bigint): boolean {
    return Number(changedMs) < Date.now() - this.#context.limits.expiryMs;
  }

  async #sweepRepeatedly(): Promise<void> {
    do {
      this.#mustRepeat = false;
      await this.#sweep();
    } while (this.#mustRepeat);
  }

  // Best effort: the next sweep removes what this one cannot.
  async #sweep(): Promise<void> {
    this.#sweptAt = Date.now();
    // If the folder is missing, creating a file in it reports that.
    const lease = await this.#context.folder.acquire().catch(() => undefined);
    try {
      if (lease) await this.#sweepFolder(lease.folder);
    } finally {
      await lease?.release();
    }
  }

  async #sweepFolder(folder: OpenDirectory): Promise<void> {
    const expired: StoredUpload[] = [];
    const rest: Record<StoredUpload['kind'], StoredUpload[]> = { part: [], record: [] };
    for (const upload of await this.#scan(folder)) {
      (this.isExpired(upload.changedMs) ? expired : rest[upload.kind]).push(upload);
    }
    const surplus = { part: this.#surplus(rest.part), record: this.#surplus(rest.record) };
    for (const kind of ['part', 'record'] as const) {
      this.#counts[kind] = rest[kind].length - surplus[kind].length;
    }
    for (const upload of [...expired, ...surplus.part, ...surplus.record]) await this.#remove(folder, upload);
  }

  /** The oldest uploads, if there are more than the limit. */
  #surplus(uploads: StoredUpload[]): StoredUpload[] {
    const { maxSuspendedUploads } = this.#context.limits;
    if (uploads.length <= maxSuspendedUploads) return [];
    uploads.sort((one, other) => Number(one.changedMs - other.changedMs));
    return uploads.slice(
      0,
      uploads.length - maxSuspendedUploads + Math.floor(maxSuspendedUploads * EXTRA_REMOVALS),
    );
  }

  /** The uploads in the folder that are not in use. */
  async #scan(folder: OpenDirectory): Promise<StoredUpload[]> {
    const { inUse, records } = this.#context;
    const found = new Map<string, StoredUpload>();
    try {
      for await (const { name: file } of folder.names()) {
        const [, name = '', extension] = FILE_NAME.exec(file) ?? [];
        if (extension === 'done') records.add(name);
        if (name === '' || inUse.has(name)) continue;
        const changedMs = await this.#changedMs(folder.at(file));
        if (changedMs === undefined) continue;
        const upload: StoredUpload = found.get(name) ?? { name, kind: 'record', changedMs };
        if (extension === 'part') upload.kind = 'part';
        if (changedMs > upload.changedMs) upload.changedMs = changedMs;
        found.set(name, upload);
      }
      records.complete();
    } catch {
      // The folder cannot be read; creating a file in it reports that.
    }
    return [...found.values()];
  }

  /** The ctime of a file; an upload may set its mtime to any time. */
  async #changedMs(path: string): Promise<bigint | undefined> {
    const stats = await unlessMissing(this.#calls.lstat(path));
    return stats?.isFile() ? stats.ctimeMs : undefined;
  }

  async #remove(folder: OpenDirectory, upload: StoredUpload): Promise<void> {
    const { inUse } = this.#context;
    if (inUse.has(upload.name)) return;
    inUse.add(upload.name);
    const removal = this.#removeFiles(folder, upload);
    this.#removals.set(upload.name, removal);
    await removal;
  }

  /** Removes the record first: a record without a part file would mean that the upload was committed. */
  async #removeFiles(folder: OpenDirectory, { name, changedMs }: StoredUpload): Promise<void> {
    try {
      const files = ['done', 'part'].map((extension) => folder.at(`${name}.${extension}`));
      // The upload may have been resumed and suspended again since the scan.
      for (const file of files) if (((await this.#changedMs(file)) ?? 0n) > changedMs) return;
      for (const file of files) await unlessMissing(this.#calls.unlink(file));
    } catch {
      // Another process may be allowed to remove files that this one may not.
    } finally {
      this.#context.inUse.delete(name);
      this.#removals.delete(name);
    }
  }
}
