/** Whether a short call may be made without a thread, and so block the process as long as it takes. */
import { readFileSync } from 'node:fs';
import type { LocalMount } from './local-mount.js';
import { SHORT_CALL_MS, BlockingBudget } from './blocking-budget.js';

const MIB = 1024 * 1024;

/** Milliseconds that a MiB takes to be copied at the most, where nothing is waited for. */
const MS_PER_MIB = 2;

export class SyncCallGate {
  readonly #root: Pick<LocalMount, 'isLocal'> | undefined;
  readonly #slow = new BlockingBudget();

  /** @param root - of all that is called for; undefined where the caller knows of each that it is local */
  constructor(root?: Pick<LocalMount, 'isLocal'>) {
    this.#root = root;
  }

  /** Whether a call that begins at this time may be. */
  allows(nowMs: number): boolean {
    return this.#root?.isLocal(nowMs) !== false && !this.#slow.isPaused(nowMs);
  }

  /** Makes a direct call that is to move so many bytes; `undefined` while the gate is closed. */
  run<Value>(call: () => Value, bytes = 0): Value | undefined {
    const nowMs = performance.now();
    if (!this.allows(nowMs)) return undefined;
    try {
      return call();
    } finally {
      this.record(nowMs, bytes);
    }
  }

  /** Called after a direct call that was to move so many bytes, however it went. */
  record(enteredMs: number, bytes = 0): void {
    const endedMs = performance.now();
    const tookMs = endedMs - enteredMs - (bytes / MIB) * MS_PER_MIB;
    if (tookMs > SHORT_CALL_MS) this.#slow.add({ endedMs, tookMs, preemptedMs: preemptedMs() });
  }
}

/** How long this thread was ready to run and had to wait for a processor, as far as the system tells. */
function preemptedMs(): number {
  try {
    const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(waitedNs ?? 0) / 1e6;
  } catch {
    return 0;
  }
}
