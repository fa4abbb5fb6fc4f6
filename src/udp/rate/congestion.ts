/**
 * Decides at the end of each round whether its losses mean a full queue: clearly more than the standing loss, or a little
 * more while a queue has stood for three rounds. The bounds include two standard deviations of random loss.
 */
import { queueTargetMs, type PathSample } from '../path/path-sample.js';

/** A round with fewer packets says nothing; one with more ends early. */
const MIN_PACKETS = 20;
const MAX_PACKETS = 2_000;

/** Loss ratio beyond the standing one that is congestion, and one that is heavy congestion. */
const EXCESS = 0.02;
const HEAVY_EXCESS = 0.1;

/** Rounds with a queue that never fell below 0.7 of the target. */
const STANDING_ROUNDS = 3;
const STANDING_PART = 0.7;

export class Congestion {
  /** Whether the last round lost more than 10 % beyond the standing loss. */
  isHeavy = false;
  #lost = 0;
  #received = 0;
  #minQueueMs = Infinity;
  #standingRounds = 0;

  /** Adds a report. Returns whether it ends a round with congestion. */
  add(sample: PathSample, standingLoss: number): boolean {
    this.#lost += sample.lost;
    this.#received += sample.received;
    this.#minQueueMs = Math.min(this.#minQueueMs, sample.queueMs);
    const packets = this.#lost + this.#received;
    const isRoundEnd = (sample.isRoundEnd && packets >= MIN_PACKETS) || packets > MAX_PACKETS;
    return isRoundEnd && this.#endRound(packets, { standingLoss, target: queueTargetMs(sample) });
  }

  /** Forgets the standing queue, after a response to it. */
  restart(): void {
    this.#standingRounds = 0;
  }

  #endRound(packets: number, { standingLoss, target }: { standingLoss: number; target: number }): boolean {
    const lost = this.#lost;
    const expected = packets * standingLoss;
    const deviation = 2 * Math.sqrt(expected);
    this.#standingRounds = this.#minQueueMs > STANDING_PART * target ? this.#standingRounds + 1 : 0;
    this.isHeavy = lost > expected + packets * HEAVY_EXCESS + deviation + 10;
    this.#lost = this.#received = 0;
    this.#minQueueMs = Infinity;
    if (lost > expected + packets * EXCESS + deviation + 3) return true;
    return this.#standingRounds >= STANDING_ROUNDS && lost > expected + deviation + 1;
  }
}
