/**
 * Bounds the entries of the snapshots that all watches of a storage send. One that several watches send counts once. Beyond
 * the limit, a further snapshot waits for those before it, in the order in which they came.
 */
import { clearTimeout, setTimeout } from '../../clock.js';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';

/** Time in ms that a watch waits at most: clients that read nothing may hold all of the others up. */
export const MAX_SNAPSHOT_WAIT_MS = 10_000;

interface Waiting {
  readonly entries: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (error?: TransferError) => void;
}

export class SnapshotBudget {
  readonly #maxEntries: number;
  /** The watches that send each of them. */
  readonly #kept = new Map<readonly FileEntry[], number>();
  readonly #waiting = new Map<object, Waiting>();
  #entries = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** A watch begins to send a snapshot. Returns false if it has to wait. One that is alone may have any size. */
  keep(watch: object, entries: readonly FileEntry[]): boolean {
    const watches = this.#kept.get(entries);
    const [first = watch] = this.#waiting.keys();
    if (watches === undefined && !(first === watch && this.#hasRoom(entries.length))) return false;
    if (watches === undefined) this.#entries += entries.length;
    this.#kept.set(entries, (watches ?? 0) + 1);
    this.#leave(watch);
    return true;
  }

  release(entries: readonly FileEntry[]): void {
    const watches = (this.#kept.get(entries) ?? 0) - 1;
    if (watches > 0) return void this.#kept.set(entries, watches);
    this.#kept.delete(entries);
    this.#entries -= entries.length;
    this.#wakeFirst();
  }

  /** Resolves when there may be room for so many entries of a watch, or at `leave`. Rejects with EAGAIN after 10 s. */
  wait(watch: object, entries: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#waiting.get(watch)?.timer ?? this.#startTimer(watch);
      const settle = (error?: TransferError): void => (error ? reject(error) : resolve());
      // A watch that waits again keeps its place.
      this.#waiting.set(watch, { entries, timer, settle });
      this.#wakeFirst();
    });
  }

  /** A watch waits no longer. */
  leave(watch: object): void {
    this.#leave(watch);
  }

  #startTimer(watch: object): NodeJS.Timeout {
    const reason = 'Too many snapshots of watched directories wait for their clients.';
    const onTime = (): void => this.#leave(watch, new TransferError('EAGAIN', reason));
    return setTimeout(onTime, MAX_SNAPSHOT_WAIT_MS).unref();
  }

  #leave(watch: object, error?: TransferError): void {
    const waiting = this.#waiting.get(watch);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(watch);
    waiting.settle(error);
    this.#wakeFirst();
  }

  #wakeFirst(): void {
    const [first] = this.#waiting.values();
    if (first && this.#hasRoom(first.entries)) first.settle();
  }

  #hasRoom(entries: number): boolean {
    return this.#kept.size === 0 || this.#entries + entries <= this.#maxEntries;
  }
}
