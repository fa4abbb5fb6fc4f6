/**
 * Throttles one direction of a connection. Bytes are charged after they have moved: each limit adds their time to its
 * `paidAt`, and the connection waits for the latest `paidAt` of its limits. So a connection waits for its own bytes and
 * those before them, and never starves, however many connections share a limit. What moves bytes on several ways, such as
 * frames and datagrams, takes turns.
 *
 *     isThrottled? -> move bytes -> consume(bytes) -> [paidAt] -> onReady -> move bytes ...
 */
import { clearTimeout, setTimeout, systemClock, type Clock } from '../../clock.js';

/** Time of a limit that may be caught up, in ms, after a late timer or a busy process. */
const GRACE_MS = 100;

/** Longer waits use several timers. */
const MAX_WAIT_MS = 60_000;

/** Bytes that move at once: those of 1/16 s, within limits, so that all channels progress together. */
const PIECES_A_SECOND = 16;
const MIN_PIECE_BYTES = 512;
const MAX_PIECE_BYTES = 64 * 1024;

/** A bandwidth that several connections can share. */
export class RateLimit {
  /** May be changed; bytes that have moved are not charged again. */
  bytesPerSecond: number;
  /** When all moved bytes are paid for. */
  paidAt = -Infinity;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Charges moved bytes. Returns the time at which they are paid for. */
  consume(bytes: number, now: number): number {
    this.paidAt = Math.max(this.paidAt, now - GRACE_MS) + (bytes / this.bytesPerSecond) * 1_000;
    return this.paidAt;
  }
}

/** One direction of a connection under its limits. */
export class Throttle {
  readonly #now: Clock;
  readonly #limits: RateLimit[] = [];
  #throttledUntil: number;
  /** Total throttled time in ms, to the end of the present wait. */
  #totalMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Called one after the other. */
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(now: Clock = systemClock) {
    this.#now = now;
    this.#throttledUntil = now();
  }

  /** Adds a limit. Bytes that moved under it before are waited for. */
  addLimit(limit: RateLimit): void {
    this.#limits.push(limit);
    this.#throttleUntil(limit.paidAt, this.#now());
  }

  /** Charges moved bytes. */
  consume(bytes: number): void {
    const now = this.#now();
    for (const limit of this.#limits) this.#throttleUntil(limit.consume(bytes, now), now);
  }

  get isThrottled(): boolean {
    return this.#throttledUntil > this.#now();
  }

  /** Time in ms until all moved bytes are paid for. */
  get unpaidMs(): number {
    return Math.max(0, this.#throttledUntil - this.#now());
  }

  /** Throttled time so far in ms, delays of timers included. */
  get throttledMs(): number {
    const leftMs = this.#throttledUntil - this.#now();
    return this.#totalMs - (this.#timer ? leftMs : Math.max(0, leftMs));
  }

  /** The bandwidth of this connection if it shares its limits with no other one. */
  get bytesPerSecond(): number {
    return Math.min(...this.#limits.map(({ bytesPerSecond }) => bytesPerSecond));
  }

  /** Bytes to move at once. */
  get pieceBytes(): number {
    const bytes = Math.ceil(this.bytesPerSecond / PIECES_A_SECOND);
    return Math.max(MIN_PIECE_BYTES, Math.min(MAX_PIECE_BYTES, bytes));
  }

  /**
   * Calls back when to check `isThrottled` again. Further calls with the same callback have no effect until then. Callbacks
   * that wait are called in order, and each can move bytes before the next one.
   */
  onReady(callback: () => void): void {
    if (this.#stopped) return;
    this.#waiting.add(callback);
    this.#wait();
  }

  /** Cancels all callbacks and allows no other. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#timer || this.#waiting.size === 0) return;
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(1, Math.ceil(this.unpaidMs)));
    this.#timer = setTimeout(() => this.#callNext(), waitMs).unref();
  }

  #callNext(): void {
    const now = this.#now();
    this.#timer = undefined;
    this.#totalMs += Math.max(0, now - this.#throttledUntil);
    // Lateness counts once, also if others wait.
    this.#throttledUntil = Math.max(this.#throttledUntil, now);
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    next();
    this.#wait();
  }

  #throttleUntil(time: number, now: number): void {
    const before = Math.max(this.#throttledUntil, now);
    if (time <= before) return;
    this.#totalMs += time - before;
    this.#throttledUntil = time;
  }
}
