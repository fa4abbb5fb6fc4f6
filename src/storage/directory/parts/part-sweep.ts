/**
 * Sweeping the private folder: what processes that are gone have left there, and what nobody has gone on with for too
 * long. There is no timer; it is done when something is written, at first and then now and again.
 */
import { unlessMissing } from '../../../fs/errno.js';
import { readNames } from '../walk/read-names.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { PartFolderHandle } from './part-folder-handle.js';
import type { CommitRecordFilter } from './commit-record-filter.js';
import type { OpenDirectory } from '../walk/open-directory.js';

const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

/** Of what is too much more goes than must, or every further one would cost a look at all of them. */
const ROOM_MADE = 0.1;

const FILE_NAME = /^([0-9a-f]{32})\.(part|done)$/;

/** What may stay in the private folder. */
export interface PartBounds {
  /** Milliseconds since its last change until something is too old to be gone on with. */
  readonly expiryMs: number;
  /** Suspended parts, and as many records of commits. */
  readonly maxSuspendedUploads: number;
}

/** Where to sweep. */
export interface SweptPlace {
  readonly folder: PartFolderHandle;
  /** The names of parts that are in use, to which those that are being removed are added. */
  readonly live: Set<string>;
  readonly bounds: PartBounds;
  /** Is told of the records that are found. */
  readonly records: CommitRecordFilter;
}

/** What is there of one name. */
interface Kept {
  readonly name: string;
  kind: 'part' | 'record';
  changedMs: bigint;
}

export class PartSweep {
  readonly #calls: FileCalls;
  readonly #folder: PartFolderHandle;
  readonly #live: Set<string>;
  readonly #bounds: PartBounds;
  readonly #records: CommitRecordFilter;
  #sweptAt = -Infinity;
  #running: Promise<void> | undefined;
  #again = false;
  readonly #removing = new Map<string, Promise<void>>();
  #counts = { part: 0, record: 0 };

  constructor(calls: FileCalls, place: SweptPlace) {
    this.#calls = calls;
    this.#folder = place.folder;
    this.#live = place.live;
    this.#bounds = place.bounds;
    this.#records = place.records;
  }

  /** The folder is new: there is nothing to sweep. */
  begin(): void {
    this.#sweptAt = Date.now();
    this.#records.complete();
  }

  /** Whether it was not done for a while. */
  get isDue(): boolean {
    return Date.now() - this.#sweptAt >= SWEEP_INTERVAL_MS;
  }

  /** Resolves when it is done. One at a time is enough for all who want one. */
  run(): Promise<void> {
    this.#running ??= this.#sweeps().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Counts something that stays, and sweeps if that is too much. */
  async count(kind: 'part' | 'record'): Promise<void> {
    this.#counts[kind] += 1;
    if (this.#counts[kind] <= this.#bounds.maxSuspendedUploads) return;
    // One that is under way may have looked already where this one is.
    this.#again = this.#running !== undefined;
    await this.run();
  }

  /** A part that stayed is in use again. */
  uncount(): void {
    this.#counts.part = Math.max(0, this.#counts.part - 1);
  }

  /** Resolves when a name is not being removed any more; undefined if it is not. */
  removing(name: string): Promise<void> | undefined {
    return this.#removing.get(name);
  }

  /** Resolves when nothing is being swept any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Whether something that was last changed then is too old. */
  isExpired(changedMs: bigint): boolean {
    return Number(changedMs) < Date.now() - this.#bounds.expiryMs;
  }

  async #sweeps(): Promise<void> {
    do {
      this.#again = false;
      await this.#sweep();
    } while (this.#again);
  }

  // Best effort: what cannot be removed now is removed next time.
  async #sweep(): Promise<void> {
    this.#sweptAt = Date.now();
    // Where there is no folder, creating a file in it will tell.
    const hold = await this.#folder.hold().catch(() => undefined);
    try {
      if (hold) await this.#sweepIn(hold.folder);
    } finally {
      await hold?.release();
    }
  }

  async #sweepIn(folder: OpenDirectory): Promise<void> {
    const found = await this.#found(folder);
    const old: Kept[] = [];
    const rest: Record<Kept['kind'], Kept[]> = { part: [], record: [] };
    for (const kept of found) (this.isExpired(kept.changedMs) ? old : rest[kept.kind]).push(kept);
    const surplus = { part: this.#surplus(rest.part), record: this.#surplus(rest.record) };
    for (const kind of ['part', 'record'] as const) {
      this.#counts[kind] = rest[kind].length - surplus[kind].length;
    }
    for (const kept of [...old, ...surplus.part, ...surplus.record]) await this.#remove(folder, kept);
  }

  /** The oldest, if there are too many. */
  #surplus(kept: Kept[]): Kept[] {
    const { maxSuspendedUploads } = this.#bounds;
    if (kept.length <= maxSuspendedUploads) return [];
    kept.sort((one, other) => Number(one.changedMs - other.changedMs));
    return kept.slice(0, kept.length - maxSuspendedUploads + Math.floor(maxSuspendedUploads * ROOM_MADE));
  }

  /** What is there and not in use. */
  async #found(folder: OpenDirectory): Promise<Kept[]> {
    const found = new Map<string, Kept>();
    try {
      for await (const { name: file } of readNames(this.#calls, folder.self)) {
        const [, name = '', ending] = FILE_NAME.exec(file) ?? [];
        if (ending === 'done') this.#records.add(name);
        if (name === '' || this.#live.has(name)) continue;
        const changedMs = await this.#changedMs(folder.at(file));
        if (changedMs === undefined) continue;
        const kept: Kept = found.get(name) ?? { name, kind: 'record', changedMs };
        if (ending === 'part') kept.kind = 'part';
        if (changedMs > kept.changedMs) kept.changedMs = changedMs;
        found.set(name, kept);
      }
      this.#records.complete();
    } catch {
      // The folder itself cannot be read; creating a file in it will tell.
    }
    return [...found.values()];
  }

  /** When a file was last changed: not by mtime, which an upload may have set to any time. */
  async #changedMs(path: string): Promise<bigint | undefined> {
    const stats = await unlessMissing(this.#calls.lstat(path));
    return stats?.isFile() ? stats.ctimeMs : undefined;
  }

  async #remove(folder: OpenDirectory, kept: Kept): Promise<void> {
    if (this.#live.has(kept.name)) return;
    this.#live.add(kept.name);
    const removing = this.#removeFiles(folder, kept);
    this.#removing.set(kept.name, removing);
    await removing;
  }

  /** The record first: a record without a part says that the part was committed. */
  async #removeFiles(folder: OpenDirectory, { name, changedMs }: Kept): Promise<void> {
    try {
      const files = ['done', 'part'].map((ending) => folder.at(`${name}.${ending}`));
      // It may have been gone on with, and have been suspended once more, since it was found.
      for (const file of files) if (((await this.#changedMs(file)) ?? 0n) > changedMs) return;
      for (const file of files) await unlessMissing(this.#calls.unlink(file));
    } catch {
      // Another process may do with it what this one may not.
    } finally {
      this.#live.delete(name);
      this.#removing.delete(name);
    }
  }
}
