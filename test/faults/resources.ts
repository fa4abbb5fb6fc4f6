/** The memory of a check while it runs, and the memory that remains afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';

const MIB = 1024 * 1024;

/** Resident bytes that a check may add, including its own files and garbage. */
const MAX_GROWTH_BYTES = 512 * MIB;

/** Bytes of the heap and of buffers that may remain afterwards. */
const MAX_LEFT_BYTES = 24 * MIB;

/** The reported memory of a check. */
export interface MemoryNumbers {
  readonly 'MiB at most': number;
  readonly 'MiB left': number;
}

/** Runs a check. Fails if it uses or retains too much memory. */
export async function withinResources(check: () => Promise<void>): Promise<MemoryNumbers> {
  const before = { handles: handles(), memory: await usedAfterCollection() };
  const rssBefore = process.memoryUsage.rss();
  let rss = rssBefore;
  const sampling = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 20).unref();
  try {
    await check();
  } finally {
    clearInterval(sampling);
  }
  await handlesBackAt(before.handles);
  const left = (await usedAfterCollection()) - before.memory;
  if (rss - rssBefore > MAX_GROWTH_BYTES)
    throw new Error(`The check took ${rss - rssBefore} bytes of memory.`);
  if (left > MAX_LEFT_BYTES) throw new Error(`The check has left ${left} bytes of memory.`);
  return {
    'MiB at most': Math.round((rss - rssBefore) / MIB),
    'MiB left': Math.max(0, Math.round(left / MIB)),
  };
}

async function usedAfterCollection(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** How many there are of each kind that keeps the process alive. */
function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

// A socket that was destroyed is closed a little later, and so is a request of the file system.
async function handlesBackAt(before: ReadonlyMap<string, number>): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 10) {
    const more = [...handles()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    if (more.length === 0) return;
    if (waitedMs > 5_000) throw new Error(`The check has left: ${more.map(([kind]) => kind).join(', ')}.`);
    await sleep(10);
  }
}
