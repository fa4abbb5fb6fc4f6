/**
 * Pace: how fast one direction of a connection may go. Bytes are paid for after they have moved: each puts off the time
 * at which what was moved is paid, in every limit that the connection is under, and the connection waits for the latest
 * of those times. So each waits for its own bytes and for those that moved before them, and nobody waits for ever,
 * however many share a limit.
 *
 *     held? -> move some -> spend -> [paid at] -> held until then -> move some ...
 */
import { systemClock, type Clock } from '../../clock.js';

/** Milliseconds of a limit that may be made up for: a timer is late, and a process is busy. */
const GRACE_MS = 100;

/** Longer waits are cut into several. */
const MAX_WAIT_MS = 60_000;

/** Bytes that are moved at once: a sixteenth of a second's, so that all channels get on together, within reason. */
const PIECES_A_SECOND = 16;
const MIN_PIECE_BYTES = 512;
const MAX_PIECE_BYTES = 64 * 1024;

/** So many bytes a second, of all connections together that are under it. */
export class RateLimit {
  /** Can be changed: what has moved is not counted anew. */
  bytesPerSecond: number;
  /** When all that has moved is paid. */
  paidAt = -Infinity;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Bytes have moved. Gives the time at which they are paid. */
  consume(bytes: number, now: number): number {
    this.paidAt = Math.max(this.paidAt, now - GRACE_MS) + (bytes / this.bytesPerSecond) * 1_000;
    return this.paidAt;
  }
}

/** One direction of a connection, under the limits that it has joined. */
export class Throttle {
  readonly #now: Clock;
  readonly #limits: RateLimit[] = [];
  #heldUntil: number;
  /** Milliseconds of all holds, the present one to its end included. */
  #holdsMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(now: Clock = systemClock) {
    this.#now = now;
    this.#heldUntil = now();
  }

  /** Comes under one more limit, behind all that has moved there. */
  addLimit(limit: RateLimit): void {
    this.#limits.push(limit);
    const now = this.#now();
    this.#holdUntil(limit.paidAt, now);
  }

  /** Bytes have moved. */
  consume(bytes: number): void {
    const now = this.#now();
    for (const limit of this.#limits) this.#holdUntil(limit.consume(bytes, now), now);
  }

  /** Whether nothing may move now. */
  get isThrottled(): boolean {
    return this.#heldUntil > this.#now();
  }

  /** Milliseconds in which nothing was allowed to move, since the start; where a timer is late, that much longer. */
  get throttledMs(): number {
    const leftMs = this.#heldUntil - this.#now();
    return this.#holdsMs - (this.#timer ? leftMs : Math.max(0, leftMs));
  }

  /** Bytes a second that may move if nobody else moves any. */
  get bytesPerSecond(): number {
    return Math.min(...this.#limits.map(({ bytesPerSecond }) => bytesPerSecond));
  }

  /** Bytes that should be moved at once. */
  get pieceBytes(): number {
    const bytes = Math.ceil(this.bytesPerSecond / PIECES_A_SECOND);
    return Math.max(MIN_PIECE_BYTES, Math.min(MAX_PIECE_BYTES, bytes));
  }

  /** Calls back when something may move, or when it is worth asking again. One call for all that ask meanwhile. */
  onReady(callback: () => void): void {
    if (this.#timer || this.#stopped) return;
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(1, Math.ceil(this.#heldUntil - this.#now())));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#holdsMs += Math.max(0, this.#now() - this.#heldUntil);
      callback();
    }, waitMs).unref();
  }

  /** Nothing will move any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #holdUntil(time: number, now: number): void {
    const before = Math.max(this.#heldUntil, now);
    if (time <= before) return;
    this.#holdsMs += time - before;
    this.#heldUntil = time;
  }
}
