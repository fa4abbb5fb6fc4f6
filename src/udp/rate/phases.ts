/**
 * Which part of the bandwidth is sent, and for how long:
 *
 *     state    gain  until
 *     startup  2.77  a queue in two reports, three rounds without growth, or heavy loss -> drain
 *     drain    0.5   the queue is short -> cruise
 *     cruise   1     the next probe is due -> up
 *     up       1.25  a queue, or no growth after a round trip -> down
 *     down     0.75  the queue is short again -> cruise
 */
import { queueTargetMs, settlingMs, type PathSample } from '../path/path-sample.js';

export type Phase = 'startup' | 'drain' | 'cruise' | 'up' | 'down';

const gains = { startup: 2.77, drain: 0.5, cruise: 1, up: 1.25, down: 0.75 } as const satisfies Record<
  Phase,
  number
>;

/** The gain of the start. */
export const STARTUP_GAIN = gains.startup;

/** Growth of the bandwidth in a round with which the start continues, and in a probe. */
const STARTUP_GROWTH = 1.25;
const PROBE_GROWTH = 1.1;

/** Rounds without growth, and reports with a queue, that end the start. */
const FLAT_ROUNDS = 3;
const QUEUE_REPORTS = 2;

/** Time in ms between probes; 5 round trips if that is longer. */
const PROBE_EVERY_MS = 500;

/** Time in ms between probes when one has just caused losses, and how long that counts. */
const SLOW_PROBE_EVERY_MS = 2_500;
const SLOW_FOR_MS = 10_000;

/** What the phases are told besides the sample. */
export interface PhaseInput {
  readonly bandwidth: number;
  /** Whether the last round lost far more than the standing loss. */
  readonly isHeavy: boolean;
  /** Whether a ceiling, not the path, sets the rate: a probe would find nothing. */
  readonly isLimited: boolean;
}

export class Phases {
  phase: Phase = 'startup';
  readonly #random: () => number;
  #sinceMs = 0;
  #startedMs = 0;
  /** The last loss that makes probes rare. */
  #lossMs = -Infinity;
  #nextProbeMs = 0;
  #queueReports = 0;
  #bandwidthBefore = 0;
  #flatRounds = 0;
  #queueBeforeMs = 0;

  /** @param random - numbers from 0 to 1, so that flows do not probe at the same time */
  constructor(random: () => number) {
    this.#random = random;
  }

  get gain(): number {
    return gains[this.phase];
  }

  /** Whether losses may be one's own doing: in a probe or just after it. */
  causesLosses(sample: PathSample): boolean {
    return this.phase !== 'cruise' || sample.nowMs - this.#sinceMs < settlingMs(sample);
  }

  /** Whether the start is over for long enough that its losses have been reported. */
  hasSettled(sample: PathSample): boolean {
    return sample.nowMs - this.#startedMs > 3 * sample.minRttMs + 200;
  }

  /** A probe has caused losses: it ends, and the next ones are rare. */
  onProbeLoss(sample: PathSample): void {
    this.#lossMs = sample.nowMs;
    if (this.phase === 'up') this.#enter('down', sample);
  }

  /** The rate was lowered. */
  onBackOff(sample: PathSample): void {
    this.#lossMs = sample.nowMs;
    this.#enter('cruise', sample);
  }

  /** Goes to the next phase if the present one is over. */
  onReport(sample: PathSample, input: PhaseInput): void {
    const hasQueue = sample.queueMs > queueTargetMs(sample);
    this.#queueReports = hasQueue ? this.#queueReports + 1 : 0;
    if (this.phase === 'startup') this.#startedMs = sample.nowMs;
    const next = this.#next(sample, input);
    if (next === this.phase) return;
    if (next === 'up') this.#bandwidthBefore = input.bandwidth;
    this.#enter(next, sample);
  }

  #next(sample: PathSample, input: PhaseInput): Phase {
    switch (this.phase) {
      case 'startup':
        return this.#isStarted(sample, input) ? 'drain' : 'startup';
      case 'drain':
        return this.#isDrained(sample) ? 'cruise' : 'drain';
      case 'cruise':
        return sample.nowMs > this.#nextProbeMs && !input.isLimited ? 'up' : 'cruise';
      case 'up':
        return this.#isProbed(sample, input) ? 'down' : 'up';
      case 'down':
        return this.#isRelieved(sample) ? 'cruise' : 'down';
    }
  }

  #isStarted(sample: PathSample, { bandwidth, isHeavy }: PhaseInput): boolean {
    const isMeasured = sample.bytesPerMs > 0 && !sample.isAppLimited;
    if (sample.isRoundEnd && bandwidth > this.#bandwidthBefore * STARTUP_GROWTH) {
      this.#bandwidthBefore = bandwidth;
      this.#flatRounds = 0;
    } else if (sample.isRoundEnd && isMeasured) {
      this.#flatRounds += 1;
    }
    const hasQueue = this.#queueReports >= QUEUE_REPORTS && sample.bytesPerMs > 0;
    return this.#flatRounds >= FLAT_ROUNDS || hasQueue || isHeavy;
  }

  #isDrained(sample: PathSample): boolean {
    const isShort = sample.queueMs < queueTargetMs(sample) * 0.5;
    return isShort || this.#elapsedMs(sample) > 3 * sample.minRttMs + 100;
  }

  #isProbed(sample: PathSample, { bandwidth }: PhaseInput): boolean {
    const elapsedMs = this.#elapsedMs(sample);
    const hasQueue = sample.queueMs > queueTargetMs(sample) + this.#queueBeforeMs;
    if (hasQueue && elapsedMs > sample.minRttMs) return true;
    if (elapsedMs <= 1.5 * sample.minRttMs + 50) return false;
    if (bandwidth <= this.#bandwidthBefore * PROBE_GROWTH) return true;
    // It grows: another round trip.
    this.#sinceMs = sample.nowMs - 0.5 * sample.minRttMs;
    this.#bandwidthBefore = bandwidth;
    return false;
  }

  #isRelieved(sample: PathSample): boolean {
    const elapsedMs = this.#elapsedMs(sample);
    const isShort = sample.queueMs < 0.4 * queueTargetMs(sample) + this.#queueBeforeMs;
    return (isShort && elapsedMs > 0.3 * sample.minRttMs) || elapsedMs > sample.minRttMs + 60;
  }

  #elapsedMs({ nowMs }: PathSample): number {
    return nowMs - this.#sinceMs;
  }

  #enter(phase: Phase, sample: PathSample): void {
    const { nowMs, minRttMs, queueMs } = sample;
    this.phase = phase;
    this.#sinceMs = nowMs;
    if (phase === 'up') this.#queueBeforeMs = queueMs;
    if (phase !== 'cruise') return;
    const isSlow = nowMs - this.#lossMs < SLOW_FOR_MS;
    const everyMs = isSlow ? SLOW_PROBE_EVERY_MS : Math.max(PROBE_EVERY_MS, 5 * minRttMs);
    this.#nextProbeMs = nowMs + (0.75 + 0.5 * this.#random()) * everyMs;
  }
}
