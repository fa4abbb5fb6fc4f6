/**
 * Decides whether calls for small downloads are made directly, without the thread pool, which costs several times as much as
 * the call itself. Three conditions: the directory was found by a thread less than a second ago, its file system is local, and
 * recent direct calls were fast.
 */
import { lstatSync, type Stats } from 'node:fs';
import { systemClock } from '../../../clock.js';
import { LocalMountCache } from '../../../sync-fs/local-mount-cache.js';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { TickBudget } from '../../../sync-fs/tick-budget.js';

/** Age in ms up to which the real path of a directory is used without looking again. */
const VALID_MS = 1_000;

/** Directories whose real paths are kept. */
const MAX_DIRECTORIES = 64;

interface FoundDirectory {
  /** Without symbolic links. */
  readonly realPath: string;
  readonly foundMs: number;
}

export class DirectCalls {
  readonly #mounts = new LocalMountCache();
  readonly #lookups = new SyncCallGate();
  readonly #writes = new SyncCallGate();
  readonly #tickBudget = new TickBudget();
  readonly #directories = new Map<string, FoundDirectory>();

  /** The real path of a directory, if direct calls may be made there now. */
  realPathOf(directory: string): string | undefined {
    const nowMs = systemClock();
    const found = this.#directories.get(directory);
    if (!found || Math.abs(nowMs - found.foundMs) >= VALID_MS) return undefined;
    const isFast = this.#mounts.isLocal(`${found.realPath}/`, nowMs) && this.#lookups.allows(nowMs);
    return isFast ? found.realPath : undefined;
  }

  /** Notes the real path of a directory, which a thread has found. */
  noteRealPath(directory: string, realPath: string): void {
    this.#directories.delete(directory);
    const [oldest] = this.#directories.keys();
    if (this.#directories.size >= MAX_DIRECTORIES && oldest !== undefined) this.#directories.delete(oldest);
    this.#directories.set(directory, { realPath, foundMs: systemClock() });
  }

  /** `lstat` at once; undefined if there is nothing. */
  readonly lstat = async (path: string): Promise<Stats | undefined> => {
    const startedMs = systemClock();
    try {
      return lstatSync(path, { throwIfNoEntry: false });
    } finally {
      this.#lookups.record(startedMs);
    }
  };

  /** Waits until the tick has room for calls. */
  async turn(): Promise<void> {
    while (!this.#tickBudget.take()) await this.#tickBudget.ended();
  }

  /** Makes the calls that write a file of this many bytes. Returns false, without a call, if recent ones were slow. */
  write(calls: () => void, bytes: number): boolean {
    const isDone = this.#writes.run(() => {
      calls();
      return true;
    }, bytes);
    return isDone ?? false;
  }
}

/** Of all clients: what they measure is the speed of the same disks. */
export const directCalls = new DirectCalls();
