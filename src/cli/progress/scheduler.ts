/** Time, as progress and requests for it see it. Tests give their own. */
export interface Scheduler {
  /** A monotonic clock in ms. */
  now(): number;
  /** Calls a function again and again; returns what stops that. It does not keep the process alive. */
  every(milliseconds: number, call: () => void): () => void;
}

/** The clock and timers of the system. */
export const systemScheduler: Scheduler = {
  now: () => performance.now(),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds).unref();
    return () => clearInterval(timer);
  },
};
