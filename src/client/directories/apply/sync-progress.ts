/** The progress of carrying out a plan: counted in files and bytes, told a few times a second. */
import { systemClock, type Clock } from '../../../clock.js';
import type { SyncAction } from '../sync-action.js';

/** How far a file of a synchronisation has come. */
export interface SyncFileProgress {
  /** The path below the root of both trees, with `/`. */
  readonly path: string;
  /** Bytes that are stored, including those that an earlier call has stored. */
  readonly bytes: number;
  /** Bytes that the plan sends. */
  readonly bytesTotal: number;
}

/** How far a synchronisation has come. No number falls. */
export interface SyncProgress {
  /** Entries of both sides that have been compared; 0 if the plan was made before. */
  readonly scanned: number;
  /** Actions of the plan so far. */
  readonly planned: number;
  /** Whether the plan has come to its end: until then the totals grow. */
  readonly isPlanned: boolean;
  /** Actions that have ended, in any way. */
  readonly actions: number;
  /** Files that are stored. */
  readonly files: number;
  /** Files that the plan sends. */
  readonly filesTotal: number;
  /** Bytes that are stored, including those that an earlier call has stored of unfinished files. */
  readonly bytes: number;
  /** Bytes that the plan sends. */
  readonly bytesTotal: number;
  /** Stored bytes per second, over the last 5 s. */
  readonly bytesPerSecond: number;
  /** The oldest 16 files that are on their way. Small files, which are sent in groups, are not among them. */
  readonly current: readonly SyncFileProgress[];
}

/** Least time in ms between two calls of `onProgress`. */
const PERIOD_MS = 100;

/** Files that are told: more than a terminal shows. */
const MAX_CURRENT = 16;

/** The time in ms over which the rate is measured. */
const RATE_MS = 5_000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export class ProgressMeter {
  readonly #onProgress: ((progress: SyncProgress) => void) | undefined;
  readonly #clock: Clock;
  readonly #samples: Sample[] = [];
  #toldMs = -Infinity;
  #scanned = 0;
  #planned = 0;
  #isPlanned = false;
  #actions = 0;
  #files = 0;
  #filesTotal = 0;
  #bytes = 0;
  #bytesTotal = 0;
  /** Bytes that were stored before, and say nothing about the rate. */
  #resumedBytes = 0;
  readonly #current = new Map<SyncAction, ActionProgress>();

  constructor(onProgress: ((progress: SyncProgress) => void) | undefined, clock: Clock = systemClock) {
    this.#onProgress = onProgress;
    this.#clock = clock;
    this.#samples.push({ atMs: clock(), bytes: 0 });
  }

  scanned(entries: number): void {
    this.#scanned = Math.max(this.#scanned, entries);
    this.#tell();
  }

  planned(action: SyncAction): void {
    this.#planned += 1;
    this.#bytesTotal += action.bytes;
    if (isFile(action)) this.#filesTotal += 1;
    this.#tell();
  }

  planEnded(): void {
    this.#isPlanned = true;
    this.#tell();
  }

  /** Counts the bytes of one action, which begins. */
  of(action: SyncAction): ActionProgress {
    const progress = new ActionProgress(action.bytes, (bytes, isResumed) => {
      this.#bytes += bytes;
      if (isResumed) this.#resumedBytes += bytes;
      this.#tell();
    });
    this.#current.set(action, progress);
    return progress;
  }

  /** Counts all bytes of an action that had none before. */
  stored({ bytes }: SyncAction): void {
    this.#bytes += bytes;
    this.#tell();
  }

  ended(action: SyncAction, isDone: boolean): void {
    this.#actions += 1;
    this.#current.delete(action);
    if (isDone && isFile(action)) this.#files += 1;
    this.#tell();
  }

  /** Tells the last numbers. */
  finish(): void {
    this.#onProgress?.(this.#progress());
  }

  #tell(): void {
    if (!this.#onProgress) return;
    const nowMs = this.#clock();
    if (nowMs - this.#toldMs < PERIOD_MS) return;
    this.#toldMs = nowMs;
    this.#onProgress(this.#progress());
  }

  #progress(): SyncProgress {
    return {
      scanned: this.#scanned,
      planned: this.#planned,
      isPlanned: this.#isPlanned,
      actions: this.#actions,
      files: this.#files,
      filesTotal: this.#filesTotal,
      bytes: this.#bytes,
      bytesTotal: this.#bytesTotal,
      bytesPerSecond: this.#rate(),
      current: this.#currentFiles(),
    };
  }

  #currentFiles(): SyncFileProgress[] {
    const files: SyncFileProgress[] = [];
    for (const [{ path, bytes: bytesTotal }, { bytes }] of this.#current) {
      if (files.length === MAX_CURRENT) break;
      files.push({ path, bytes, bytesTotal });
    }
    return files;
  }

  #rate(): number {
    const now = { atMs: this.#clock(), bytes: this.#bytes - this.#resumedBytes };
    this.#samples.push(now);
    while (this.#samples.length > 2 && now.atMs - (this.#samples[1]?.atMs ?? now.atMs) >= RATE_MS)
      this.#samples.shift();
    const [first = now] = this.#samples;
    const elapsedMs = now.atMs - first.atMs;
    return elapsedMs > 0 ? Math.round(((now.bytes - first.bytes) / elapsedMs) * 1_000) : 0;
  }
}

/** The bytes of one action that are stored. They never fall, and never exceed those of the plan. */
export class ActionProgress {
  readonly #total: number;
  readonly #add: (bytes: number, isResumed: boolean) => void;
  #bytes = 0;

  constructor(total: number, add: (bytes: number, isResumed: boolean) => void) {
    this.#total = total;
    this.#add = add;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts up to so many bytes of the file. The first number includes those of an earlier call. */
  reach(bytes: number): void {
    const reached = Math.min(bytes, this.#total);
    if (reached <= this.#bytes) return;
    const isFirst = this.#bytes === 0;
    const added = reached - this.#bytes;
    this.#bytes = reached;
    this.#add(added, isFirst && reached < this.#total);
  }

  /** Counts all bytes. */
  finish(): void {
    this.reach(this.#total);
  }
}

function isFile({ kind }: SyncAction): boolean {
  return kind === 'transfer' || kind === 'append';
}
