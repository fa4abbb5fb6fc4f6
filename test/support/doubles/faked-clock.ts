/** In place of `src/clock.ts`: the global functions at the time of a call, so that tests can replace them by fake timers. */

export const systemClock = (): number => performance.now();

export const nextTick = (callback: () => void): void => process.nextTick(callback);

export const setTimeout = (callback: () => void, ms: number): NodeJS.Timeout =>
  globalThis.setTimeout(callback, ms);

export const clearTimeout = (timer: NodeJS.Timeout | undefined): void => globalThis.clearTimeout(timer);

export const setInterval = (callback: () => void, ms: number): NodeJS.Timeout =>
  globalThis.setInterval(callback, ms);

export const clearInterval = (timer: NodeJS.Timeout | undefined): void => globalThis.clearInterval(timer);

export const setImmediate = (callback: () => void): NodeJS.Immediate => globalThis.setImmediate(callback);

export const clearImmediate = (immediate: NodeJS.Immediate | undefined): void =>
  globalThis.clearImmediate(immediate);

export const queueMicrotask = (callback: () => void): void => globalThis.queueMicrotask(callback);

export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
