/** What one receiver report says about the path. Times are in ms, rates in bytes per ms. */
export interface PathSample {
  readonly nowMs: number;
  /** The last round trip, with the time in queues. */
  readonly rttMs: number;
  /** The shortest round trip. */
  readonly minRttMs: number;
  /** Time between reports. */
  readonly reportMs: number;
  /** The delay of the queue, without the time on an empty path. */
  readonly queueMs: number;
  /** The delivery rate; 0 if none could be measured. */
  readonly bytesPerMs: number;
  /** Bytes that have arrived since the last report, and the time in ms between the last arrivals of both. */
  readonly arrivedBytes: number;
  readonly arrivalMs: number;
  /** Whether the sender had nothing to send in that time: the path may be faster. */
  readonly isAppLimited: boolean;
  /** Packets whose fate the report has told. */
  readonly lost: number;
  readonly received: number;
  /** Whether all packets that were sent before the last round ended are resolved. */
  readonly isRoundEnd: boolean;
}

/** The queue that a sender causes on purpose, in ms: a tenth of the round trip, between 5 and 25 ms. */
export function queueTargetMs({ minRttMs }: PathSample): number {
  return Math.min(25, Math.max(0.1 * minRttMs, 5));
}

/** Time in ms after a change of the rate in which reports still tell of packets before it. */
export function settlingMs({ minRttMs, reportMs }: PathSample): number {
  return minRttMs + 2 * reportMs + 20;
}
