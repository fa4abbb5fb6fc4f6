/** Decides whether a short system call may run synchronously, which blocks the process as long as the call takes. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../clock.js';
import type { LocalMount } from './local-mount.js';
import { SHORT_CALL_MS, BlockingBudget } from './blocking-budget.js';

const MIB = 1024 * 1024;

/** Longest time in ms that copying a MiB takes if the call does not wait for anything. */
const MS_PER_MIB = 2;

export class SyncCallGate {
  readonly #root: Pick<LocalMount, 'isLocal'> | undefined;
  readonly #budget = new BlockingBudget();

  /** @param root - the root of all paths of the calls; undefined if the caller checks that they are local */
  constructor(root?: Pick<LocalMount, 'isLocal'>) {
    this.#root = root;
  }

  allows(nowMs: number): boolean {
    return this.#root?.isLocal(nowMs) !== false && !this.#budget.isPaused(nowMs);
  }

  /** Makes a call that copies this many bytes; returns undefined while the gate is closed. */
  run<Value>(call: () => Value, bytes = 0): Value | undefined {
    const nowMs = systemClock();
    if (!this.allows(nowMs)) return undefined;
    try {
      return call();
    } finally {
      this.record(nowMs, bytes);
    }
  }

  /** Counts a call, or several, that began at `startedMs` and copied this many bytes; also after a failure. */
  record(startedMs: number, bytes = 0, calls = 1): void {
    const endedMs = systemClock();
    const shortMs = (calls - 1) * SHORT_CALL_MS + (bytes / MIB) * MS_PER_MIB;
    const tookMs = endedMs - startedMs - shortMs;
    if (tookMs > SHORT_CALL_MS) this.#budget.add({ endedMs, tookMs, preemptedMs: preemptedMs() });
  }
}

/** Total time in ms for which this thread was ready to run and had no processor; 0 if the system does not report it. */
function preemptedMs(): number {
  try {
    const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(waitedNs ?? 0) / 1e6;
  } catch {
    return 0;
  }
}
