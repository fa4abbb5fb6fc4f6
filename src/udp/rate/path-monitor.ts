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
    const isRoundEnd = resolvedTo >= this.#roundEnd;
    if (isRoundEnd) this.#roundEnd = sentTo;
    return {
      nowMs,
      minRttMs,
      reportMs: this.#reportMs,
      queueMs: this.queue.ms,
      bytesPerMs: minOwdUs === undefined ? 0 : this.#delivery.bytesPerMs,
      isAppLimited: this.#delivery.startedAt < this.#appLimitedTo,
      lost,
      received,
      isRoundEnd,
    };
  }
}
