/**
 * How large a window should be. A sender that has spent it waits for an ack, which takes a round trip to bring more: with
 * less than what comes in a round trip a long link stands idle, and more than twice that is of no use. So where bytes
 * come so fast that half of the window would come within one round trip, the next one is twice as large, as far as there
 * is room. A quarter is measured, in half of the time: a transfer that begins comes in bursts, and the first of them
 * shows how fast the link is.
 *
 * A window that brings more than a gigabyte a second is large enough: where it looks too small, as on one machine, an end is busy,
 * and bytes wait in the systems' buffers. To allow more would only make the sender hold more.
 *
 * Only what has both come and been consumed in that time counts: a reader that is slow, or stops for a while and then
 * takes at once what has waited for it, needs no more. A window never shrinks, for what was granted cannot be taken
 * back, and who does not read needs the memory for as long.
 */
import type { MinRtt } from './min-rtt.js';

/** Makes room for a window of so many bytes; gives as many as there is room for. */
export type Reserve = (windowBytes: number) => number;

/** Where a body has come to when an ack is due. */
export interface Progress {
  readonly window: number;
  readonly consumed: number;
  /** Bytes that have come and are not consumed. */
  readonly waiting: number;
}

/** Bytes in a millisecond beyond which no window needs to grow: a gigabyte a second. */
const ENOUGH_BYTES_PER_MS = 1_000_000;

/** Of how many parts of a window one is measured. */
const PARTS = 4;

export class WindowTuning {
  readonly #roundTrip: MinRtt;
  readonly #makeRoom: Reserve;
  /** What was allowed before the grant whose first byte is awaited. */
  #awaitedAfter = Infinity;
  #grantedAt = 0;
  /** From which byte on, and since when, a part of the window is measured. */
  #from = 0;
  #since = -Infinity;

  constructor(roundTrip: MinRtt, makeRoom: Reserve) {
    this.#roundTrip = roundTrip;
    this.#makeRoom = makeRoom;
  }

  /** The peer is told that it may send more; before, so many bytes were allowed. */
  granted(limitBefore: number): void {
    if (this.#awaitedAfter !== Infinity) return;
    this.#awaitedAfter = limitBefore;
    this.#grantedAt = this.#roundTrip.now();
  }

  /** So many bytes of the body have come. */
  received(bytes: number): void {
    if (bytes <= this.#awaitedAfter) return;
    this.#awaitedAfter = Infinity;
    this.#roundTrip.measured(this.#roundTrip.now() - this.#grantedAt);
  }

  /** The window that the next ack is to say. */
  next({ window, consumed, waiting }: Progress): number {
    if (consumed - this.#from < window / PARTS) return window;
    const now = this.#roundTrip.now();
    const halfMs = (now - this.#since) * (PARTS / 2);
    const isTooSmall = this.#roundTrip.isWithin(Math.max(halfMs, window / ENOUGH_BYTES_PER_MS));
    this.#from = consumed + waiting;
    this.#since = now;
    return isTooSmall ? Math.max(window, this.#makeRoom(window * 2)) : window;
  }
}
