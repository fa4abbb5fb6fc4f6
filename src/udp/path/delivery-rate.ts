/**
 * Measures how fast datagrams arrive, on the receiver's clock, so that late reports do no harm. An interval counts as long
 * as it took to send or to receive, whichever was longer: otherwise the estimate rises by itself.
 */

/** What a report says about arrivals. Times are in us modulo 2^32. */
export interface Arrivals {
  readonly bytesReceived: number;
  readonly lastArrivalUs: number;
  readonly lastSendTimeUs: number;
  readonly resolvedTo: number;
}

/** The limits of an interval in us: half a round trip between them. */
const MIN_INTERVAL_US = 25_000;
const MAX_INTERVAL_US = 100_000;

/** A measurement spans 0.8 to 6 intervals; a longer one had a pause in it. */
const MIN_PART = 0.8;
const MAX_PART = 6;

/** Reports of an interval at most. The receiver chooses how often it reports, and what its clock says. */
const MAX_REPORTS = 1_024;

export class DeliveryRate {
  /** The rate in bytes per ms of the last interval; 0 if none can be measured. */
  bytesPerMs = 0;
  /** Packets below this number were resolved before the interval began. */
  startedAt = 0;
  readonly #arrivals: Arrivals[] = [];

  /** Adds a report in which datagrams have arrived. */
  add(arrivals: Arrivals, minRttMs: number): void {
    const intervalUs = Math.min(MAX_INTERVAL_US, Math.max(MIN_INTERVAL_US, minRttMs * 500));
    const all = this.#arrivals;
    if (all.length >= MAX_REPORTS) all.pop();
    all.push(arrivals);
    while (all.length > 2 && elapsedUs(all[1], arrivals) >= intervalUs) all.shift();
    const first = all[0] ?? arrivals;
    this.startedAt = first.resolvedTo;
    const receivingUs = elapsedUs(first, arrivals);
    const sendingUs = (arrivals.lastSendTimeUs - first.lastSendTimeUs) >>> 0;
    const isMeasured = receivingUs >= intervalUs * MIN_PART && receivingUs < intervalUs * MAX_PART;
    const bytes = arrivals.bytesReceived - first.bytesReceived;
    this.bytesPerMs = isMeasured ? (bytes / Math.max(receivingUs, sendingUs)) * 1_000 : 0;
  }
}

function elapsedUs(first: Arrivals | undefined, last: Arrivals): number {
  return (last.lastArrivalUs - (first ?? last).lastArrivalUs) >>> 0;
}
