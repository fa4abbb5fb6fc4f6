/** Whether all that was held for abusive peers has been given back. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes of heap and buffers that may stay: compiled code, and lists that have grown once. */
const MAX_LEFT_BYTES = 6 * 1024 * 1024;

/** Milliseconds in which everything must be released: a lingering close takes two seconds. */
const MAX_RETURN_MS = 8_000;

/** The resources of a process. */
export interface Baseline {
  /** Handles and timers, by their kind. */
  readonly handles: ReadonlyMap<string, number>;
  readonly bytes: number;
}

/** The current resources, after a garbage collection. */
export async function baseline(): Promise<Baseline> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { handles: handles(), bytes: heapUsed + arrayBuffers };
}

/** Resolves with the resources that remain in addition to the earlier ones; undefined as soon as there are none. */
export async function remainingResources(before: Baseline): Promise<string | undefined> {
  for (let waitedMs = 0; ; waitedMs += 20) {
    const more = [...handles()].filter(([kind, count]) => count > (before.handles.get(kind) ?? 0));
    if (more.length === 0) break;
    if (waitedMs > MAX_RETURN_MS) return more.map(([kind, count]) => `${count} ${kind}`).join(', ');
    await sleep(20);
  }
  const { bytes } = await baseline();
  // Memory is comparable only after a collection.
  if (!globalThis.gc) return undefined;
  return bytes - before.bytes > MAX_LEFT_BYTES ? `${bytes - before.bytes} bytes` : undefined;
}

function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
