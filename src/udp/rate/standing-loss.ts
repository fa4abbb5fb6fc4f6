/**
 * The part of the packets that the path loses without a queue, such as a radio link does. Slowing down would not reduce it,
 * so it is no sign of congestion. It is only learnt while the sender neither probes nor sees a queue: otherwise the losses
 * of a full queue would be taken for it, and other flows would starve.
 */
import { queueTargetMs, settlingMs, type PathSample } from './path-sample.js';

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

  /** Counts a report. `startup`: the rate rises; `cruise`: it stays the same; `probe`: it is changed to learn from it. */
  add(sample: PathSample, activity: 'startup' | 'cruise' | 'probe'): void {
    const { nowMs, queueMs } = sample;
    const decay = Math.exp(-Math.min(1_000, nowMs - this.#lastMs) / DECAY_MS);
    this.#lastMs = nowMs;
    this.#lost *= decay;
    this.#received *= decay;
    const target = queueTargetMs(sample);
    if (queueMs > 0.5 * target || activity !== 'cruise') this.#disturbedMs = nowMs;
    const isQuiet = nowMs - this.#disturbedMs > settlingMs(sample);
    const isEmptyStart = activity === 'startup' && queueMs < 0.3 * target;
    if (!isQuiet && !isEmptyStart) return;
    this.#lost += sample.lost;
    this.#received += sample.received;
  }
}
