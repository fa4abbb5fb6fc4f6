/** The frames over TCP: in order, each as late as the path, and later when a segment was lost. */
import type { Random } from '../../faults/fixtures/random.js';
import type { VirtualClock } from './virtual-clock.js';

export interface ChannelSettings {
  readonly rttMs: number;
  /** Part of the frames that have to be sent again. */
  readonly loss?: number;
  /** Nothing arrives between these times in ms after the start. */
  readonly stallMs?: readonly [from: number, to: number];
}

export class OrderedChannel {
  frames = 0;
  readonly #settings: ChannelSettings;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #startUs: number;
  #lastArrival = 0;

  constructor(settings: ChannelSettings, clock: VirtualClock, random: Random) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#startUs = clock.now;
  }

  send(arrive: () => void): void {
    const { rttMs, loss = 0, stallMs } = this.#settings;
    this.frames += 1;
    let at = this.#clock.now + (rttMs / 2) * 1_000;
    while (this.#random.next() < loss) at += rttMs * 1_000 + 20_000;
    if (stallMs) {
      const ms = (at - this.#startUs) / 1_000;
      if (ms >= stallMs[0] && ms < stallMs[1]) at = this.#startUs + stallMs[1] * 1_000;
    }
    this.#lastArrival = Math.max(this.#lastArrival, at);
    this.#clock.at(this.#lastArrival, arrive);
  }
}
