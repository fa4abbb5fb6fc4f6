/**
 * Time, and the turns of the event loop. These are the functions that existed when the library was loaded: a test framework
 * that replaces the global ones with fake timers does not stop connections, and real time limits hold for real sockets.
 */

/** A monotonic clock in ms, to measure durations. Tests use their own. */
export type Clock = () => number;

export const systemClock: Clock = performance.now.bind(performance);

export const nextTick: (callback: () => void) => void = process.nextTick.bind(process);

export const {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  queueMicrotask,
} = globalThis;

/** Resolves in the next turn of the event loop, so that a long loop leaves time for other work. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
