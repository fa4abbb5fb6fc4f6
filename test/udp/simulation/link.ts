/** One direction of a path: a queue in front of a bottleneck, a delay, and what goes wrong on the way. */
import type { Random } from '../../faults/fixtures/random.js';
import type { VirtualClock } from './virtual-clock.js';

export interface LinkSettings {
  readonly mbitPerSecond: number;
  /** The round trip of the path, of which this direction takes half. */
  readonly rttMs: number;
  /** Bytes that wait for the bottleneck. Default one bandwidth-delay product. */
  readonly queueBytes?: number;
  /** Part of the packets that are lost at random. */
  readonly loss?: number;
  /** Packets that are lost at once. Default 1. */
  readonly burst?: number;
  /** Additional delay in ms, from 0 to this. */
  readonly jitterMs?: number;
  /** Whether the additional delay changes the order. */
  readonly reorders?: boolean;
  /** Part of the packets that arrive twice. */
  readonly duplication?: number;
  /** Larger packets disappear. */
  readonly mtu?: number;
}

/** Bytes of the headers of IP and UDP. */
const IP_BYTES = 28;

export class Link {
  /** Sum of the queue that packets have met, in us, and the number of packets. */
  queueUs = 0;
  packets = 0;
  dropped = 0;
  isDown = false;
  settings: LinkSettings;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  #freeAt = 0;
  #lastArrival = 0;
  #burstLeft = 0;

  constructor(settings: LinkSettings, clock: VirtualClock, random: Random) {
    this.settings = settings;
    this.#clock = clock;
    this.#random = random;
  }

  /** Sends a packet: exactly one of the two is called for it, `arrive` perhaps twice. */
  send(bytes: number, arrive: () => void, drop: () => void): void {
    const { rttMs, mtu = Infinity, duplication = 0, mbitPerSecond } = this.settings;
    const size = bytes + IP_BYTES;
    const bytesPerUs = mbitPerSecond / 8;
    const start = Math.max(this.#clock.now, this.#freeAt);
    const backlog = (start - this.#clock.now) * bytesPerUs;
    const queueBytes = this.settings.queueBytes ?? bytesPerUs * rttMs * 1_000;
    this.packets += 1;
    this.queueUs += start - this.#clock.now;
    if (this.isDown || size > mtu || this.#isLost() || backlog + size > Math.max(queueBytes, 2 * size)) {
      this.dropped += 1;
      return drop();
    }
    this.#freeAt = start + size / bytesPerUs;
    this.#clock.at(this.#arrival(), arrive);
    if (duplication > 0 && this.#random.next() < duplication) this.#clock.at(this.#arrival(), arrive);
  }

  #arrival(): number {
    const { rttMs, jitterMs = 0, reorders = false } = this.settings;
    const jitter = jitterMs > 0 ? this.#random.next() * jitterMs * 1_000 : 0;
    const at = this.#freeAt + (rttMs / 2) * 1_000 + jitter;
    if (reorders) return at;
    this.#lastArrival = Math.max(this.#lastArrival, at);
    return this.#lastArrival;
  }

  #isLost(): boolean {
    const { loss = 0, burst = 1 } = this.settings;
    if (this.#burstLeft > 0) {
      this.#burstLeft -= 1;
      return true;
    }
    if (loss === 0 || this.#random.next() >= loss / burst) return false;
    this.#burstLeft = burst - 1;
    return true;
  }
}
