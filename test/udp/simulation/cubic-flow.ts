/** A flow that is driven by losses, as TCP CUBIC (RFC 9438) is, on the same link. Its source never ends. */
import type { Link } from './link.js';
import type { VirtualClock } from './virtual-clock.js';

const PACKET_BYTES = 1_448;
const C = 0.4;
const BETA = 0.7;

export class CubicFlow {
  receivedBytes = 0;
  readonly #clock: VirtualClock;
  readonly #link: Link;
  #window = 10;
  #threshold = Infinity;
  #inFlight = 0;
  #lossAt = -Infinity;
  #maxWindow = 0;
  #epochAt: number | undefined;
  #renoWindow = 0;
  #lastRttUs: number;
  #minRttUs = Infinity;

  constructor(clock: VirtualClock, link: Link) {
    this.#clock = clock;
    this.#link = link;
    this.#lastRttUs = link.settings.rttMs * 1_000;
  }

  start(): void {
    while (this.#inFlight < Math.floor(this.#window)) this.#sendOne();
  }

  #sendOne(): void {
    const sentAt = this.#clock.now;
    const backUs = (this.#link.settings.rttMs / 2) * 1_000;
    this.#inFlight += 1;
    this.#link.send(
      PACKET_BYTES,
      () => this.#clock.after(backUs, () => this.#onAck(sentAt)),
      () => this.#clock.after(this.#lastRttUs, () => this.#onLoss(sentAt)),
    );
  }

  #onAck(sentAt: number): void {
    this.receivedBytes += PACKET_BYTES;
    this.#inFlight -= 1;
    this.#lastRttUs = this.#clock.now - sentAt;
    this.#minRttUs = Math.min(this.#minRttUs, this.#lastRttUs);
    if (this.#window < this.#threshold) this.#slowStart();
    else this.#grow();
    this.start();
  }

  /** With the exit of HyStart: an eighth of the round trip more than the shortest. */
  #slowStart(): void {
    this.#window += 1;
    const marginUs = Math.min(16_000, Math.max(4_000, this.#minRttUs / 8));
    if (this.#lastRttUs > this.#minRttUs + marginUs) this.#threshold = this.#window;
  }

  #grow(): void {
    if (this.#epochAt === undefined) {
      this.#epochAt = this.#clock.now;
      this.#renoWindow = this.#window;
      this.#maxWindow = Math.max(this.#maxWindow, this.#window);
    }
    const seconds = (this.#clock.now - this.#epochAt + this.#lastRttUs) / 1e6;
    const k = Math.cbrt((this.#maxWindow * (1 - BETA)) / C);
    const target = C * (seconds - k) ** 3 + this.#maxWindow;
    this.#renoWindow += (3 * (1 - BETA)) / (1 + BETA) / this.#window;
    const bounded = Math.min(Math.max(target, this.#window), 1.5 * this.#window);
    this.#window = Math.max(this.#window + (bounded - this.#window) / this.#window, this.#renoWindow);
  }

  #onLoss(sentAt: number): void {
    this.#inFlight -= 1;
    // One reduction for all losses of a round trip.
    if (sentAt > this.#lossAt) {
      this.#lossAt = this.#clock.now;
      this.#maxWindow = this.#window;
      this.#window = Math.max(2, this.#window * BETA);
      this.#threshold = this.#window;
      this.#epochAt = undefined;
    }
    this.start();
  }
}
