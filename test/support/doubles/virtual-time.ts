/** A clock that stops while code runs, and advances to the next timer when none does. */
import { trimPools } from '../../../src/buffers/buffer-pool.js';
import { onTestFinished, vi } from 'vitest';

// The real one: when it calls back, every ready promise and tick has run.
const { setImmediate: realTurn } = globalThis;

/** Timers that a run may fire; more means that something goes in circles. */
const MAX_TIMERS = 200_000;

/** Makes later timers wait for `vi.advanceTimersByTime` until the test ends; real sockets work as usual. */
export function pauseTimeouts(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  onTestFinished(() => void vi.useRealTimers());
}

/** A pause of the virtual clock, in milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs work under a virtual clock. Fails if it waits for nothing, or beyond its time, or leaves a timer. */
export async function inVirtualTime<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({
    now: 0,
    toFake: [
      'setTimeout',
      'setInterval',
      'clearTimeout',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'Date',
      'performance',
    ],
  });
  try {
    const result = await settled(limitMs, work());
    await thisTurn();
    // What was not used between two calls is dropped, and with the last buffer the timer of the pools.
    trimPools();
    trimPools();
    const left = vi.getTimerCount();
    if (left > 0) throw new Error(`${left} timers are left.`);
    return result;
  } finally {
    vi.useRealTimers();
  }
}

async function settled<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let over = false;
  const noted = work.finally(() => (over = true));
  noted.catch(() => undefined);
  for (let fired = 0; ; fired += 1) {
    await quiet();
    if (over) return noted;
    if (vi.getTimerCount() === 0) throw new Error(`At ${Date.now()} ms all wait for nothing.`);
    if (Date.now() > limitMs) throw new Error(`After ${limitMs} ms it is not over.`);
    if (fired > MAX_TIMERS) throw new Error(`At ${Date.now()} ms timers go in circles.`);
    vi.advanceTimersToNextTimer();
  }
}

/** Callbacks for the next turn of the event loop, not for a time, may run again. */
async function thisTurn(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await quiet();
    vi.advanceTimersByTime(0);
  }
}

/** Resolves when nothing is left to run at this moment of the virtual clock, but for its timers. */
function quiet(): Promise<void> {
  return new Promise((resolve) => realTurn(resolve));
}
