/** The memory that is in use, which must not grow with the inputs. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Less than ten bytes for each input of a full run: that is no leak. */
const MAX_GROWTH_MIB = 8;

export class Heap {
  /** MiB; NaN when garbage collection is not exposed. */
  before = NaN;
  after = NaN;

  /** Records the memory in use after warm-up. */
  async begin(): Promise<void> {
    this.before = await usedMiB();
  }

  /** Throws if much more is in use than in the beginning. */
  async check(): Promise<void> {
    this.after = await usedMiB();
    if (!(this.after - this.before > MAX_GROWTH_MIB)) return;
    throw new Error(`The heap grows from ${this.before} to ${this.after} MiB.`);
  }
}

// The bytes of buffers are freed by another thread, a little after the buffers themselves.
const FREED_MS = 50;

async function usedMiB(): Promise<number> {
  if (!globalThis.gc) return NaN;
  globalThis.gc();
  await sleep(FREED_MS);
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round(((heapUsed + external) / 1_048_576) * 10) / 10;
}
