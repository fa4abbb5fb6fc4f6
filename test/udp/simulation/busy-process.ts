/** A process that is busy with other things at times: what happens meanwhile is handled when it is free, all at once. */
import { Random } from '../../faults/fixtures/random.js';
import type { VirtualClock } from './virtual-clock.js';

export interface Pauses {
  /** The mean time between two pauses in ms. */
  readonly everyMs: number;
  /** The longest pause in ms. */
  readonly maxMs: number;
  /** The time that a datagram takes in us. Default 0. */
  readonly costUs?: number;
}

export class BusyProcess {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #pauses: Pauses | undefined;
  #fromUs = 0;
  #toUs = 0;
  #freeUs = 0;

  constructor(clock: VirtualClock, seed: number, pauses?: Pauses) {
    this.#clock = clock;
    this.#random = new Random(seed);
    this.#pauses = pauses;
    this.#fromUs = this.#toUs = clock.now;
  }

  /** Handles a datagram: one after the other, and timers in between. */
  input(then: () => void): void {
    this.run(() => {
      this.#freeUs = Math.max(this.#clock.now, this.#freeUs) + (this.#pauses?.costUs ?? 0);
      this.#clock.at(this.#freeUs, then);
    });
  }

  /** Calls `then` at once, or at the end of the present pause. */
  run(then: () => void): void {
    if (this.#pauses) this.#advance(this.#pauses);
    if (!this.#pauses || this.#clock.now < this.#fromUs) then();
    else this.#clock.at(this.#toUs, then);
  }

  #advance({ everyMs, maxMs }: Pauses): void {
    while (this.#toUs <= this.#clock.now) {
      this.#fromUs = this.#toUs - everyMs * 1_000 * Math.log(1 - this.#random.next());
      this.#toUs = this.#fromUs + this.#random.next() * maxMs * 1_000;
    }
  }
}
