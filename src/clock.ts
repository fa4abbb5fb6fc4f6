/** A monotonic clock in ms, to measure durations. Tests use their own. */
export type Clock = () => number;

export const systemClock: Clock = () => performance.now();
