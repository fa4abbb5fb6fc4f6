/** A monotonic clock in milliseconds, for measuring durations. Tests pass one of their own. */
export type Clock = () => number;

/** The clock of the system. */
export const systemClock: Clock = () => performance.now();
