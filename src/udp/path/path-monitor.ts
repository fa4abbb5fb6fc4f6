/** Makes a {@link PathSample} of each receiver report: round trip, queue, delivery rate and rounds. */
import type { ReceiverReport } from '../report.js';
import { DeliveryRate } from './delivery-rate.js';
import { MinRtt } from './min-rtt.js';
import type { PathSample } from './path-sample.js';
import { QueueDelay } from './queue-delay.js';

/** What a report has resolved, and what was sent until then. */
export interface ResolvedPackets {
  readonly received: number;
  readonly lost: number;
  readonly sentTo: number;
}

export class PathMonitor {
  readonly rtt: MinRtt;
  readonly queue = new QueueDelay();
  readonly #reportMs: number;
  readonly #delivery = new DeliveryRate();
  /** The round ends when the packets below this number are resolved. */
  #roundEnd = 0;
  /** Samples with packets below this number are limited by the source. */
  #appLimitedTo = 0;
  /** Of the last report with arrivals. */
  #bytesReceived = 0;
  #lastArrivalUs: number | undefined;

  constructor(rttUs: number, reportMs: number) {
    this.rtt = new MinRtt(rttUs);
    this.#reportMs = reportMs;
  }

  /** The source had nothing to send before the packet with this number. */
  onAppLimited(sentTo: number): void {
    this.#appLimitedTo = sentTo;
  }

  /** Adds a report. */
  add(report: ReceiverReport, { received, lost, sentTo }: ResolvedPackets, nowUs: number): PathSample {
    const nowMs = nowUs / 1_000;
    const { minOwdUs, lastSendTimeUs, holdUs, resolvedTo } = report;
    if (minOwdUs !== undefined) this.rtt.add(((nowUs >>> 0) - lastSendTimeUs - holdUs) >>> 0, nowUs);
    const minRttMs = this.rtt.us / 1_000;
    if (minOwdUs !== undefined) {
      this.queue.add(minOwdUs, nowMs, minRttMs);
      this.#delivery.add(report, minRttMs);
    }
    const arrived = this.#arrived(report);
    const isRoundEnd = resolvedTo >= this.#roundEnd;
    if (isRoundEnd) this.#roundEnd = sentTo;
    return {
      nowMs,
      rttMs: this.rtt.lastUs / 1_000,
      minRttMs,
      reportMs: this.#reportMs,
      queueMs: this.queue.ms,
      bytesPerMs: minOwdUs === undefined ? 0 : this.#delivery.bytesPerMs,
      ...arrived,
      isAppLimited: this.#delivery.startedAt < this.#appLimitedTo,
      lost,
      received,
      isRoundEnd,
    };
  }

  #arrived({ bytesReceived, lastArrivalUs, minOwdUs }: ReceiverReport): {
    arrivedBytes: number;
    arrivalMs: number;
  } {
    if (minOwdUs === undefined) return { arrivedBytes: 0, arrivalMs: 0 };
    const arrivedBytes = bytesReceived - this.#bytesReceived;
    const arrivalMs = ((lastArrivalUs - (this.#lastArrivalUs ?? lastArrivalUs)) >>> 0) / 1_000;
    this.#bytesReceived = bytesReceived;
    this.#lastArrivalUs = lastArrivalUs;
    return { arrivedBytes, arrivalMs };
  }
}
