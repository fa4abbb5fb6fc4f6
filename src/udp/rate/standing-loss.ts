/**
 * The part of the packets that the path loses without a queue, such as a radio link does. Slowing down would not reduce it,
 * so it is no sign of congestion. It is only learnt while the sender neither starts nor probes, and sees no queue:
 * otherwise the losses of a full queue would be taken for it, and other flows would starve.
 */
import { queueTargetMs, settlingMs, type PathSample } from '../path/path-sample.js';

/** Time in ms in which a count falls to 37 %. */
const DECAY_MS = 8_000;

/** Packets that are counted before the ratio is used, and the largest ratio. */
const MIN_PACKETS = 100;
const MAX_RATIO = 0.2;

export class StandingLoss {
  #lost = 0;
  #received = 0;
  #lastMs = 0;
  #disturbedMs = -Infinity;

  /** Lost packets of all packets, from 0 to 0.2. */
  get ratio(): number {
    const packets = this.#lost + this.#received;
    return packets > MIN_PACKETS ? Math.min(MAX_RATIO, this.#lost / packets) : 0;
  }

  /** Counts a report. `isCruising`: the sender changes its rate neither to start nor to probe. */
  add(sample: PathSample, isCruising: boolean): void {
    const { nowMs, queueMs } = sample;
    const decay = Math.exp(-Math.min(1_000, nowMs - this.#lastMs) / DECAY_MS);
    this.#lastMs = nowMs;
    this.#lost *= decay;
    this.#received *= decay;
    if (queueMs > 0.5 * queueTargetMs(sample) || !isCruising) this.#disturbedMs = nowMs;
    if (nowMs - this.#disturbedMs <= settlingMs(sample)) return;
    this.#lost += sample.lost;
    this.#received += sample.received;
  }
}
