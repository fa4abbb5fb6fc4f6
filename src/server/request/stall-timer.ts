/**
 * Turn clock: how long one transfer has waited for its client, over all its waits, and whether enough has moved for
 * that. A client that sends a byte now and then holds a place as surely as one that sends nothing.
 */
import { CONTENDED_STALL_MS } from '../../protocol/limits.js';

/** How fast a transfer must go while it is the client's turn. */
export interface MinRateRule {
  /** Milliseconds of waiting after which it is looked at. */
  readonly stallMs: number;
  /** Bytes a second that must have moved in them, on average; 0 asks for any byte. */
  readonly minBytesPerSecond: number;
  /** The bandwidth limits of the connection: the time for which they hold a transfer up does not count. */
  readonly throttle?: { readonly throttledMs: number } | undefined;
  /** Whether others wait for its place: then it is looked at sooner. */
  isContended(): boolean;
}

export class StallTimer {
  readonly #rule: MinRateRule;
  readonly #bytes: () => number;
  readonly #stalled: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waits = 0;
  #since = 0;
  #waitedMs = 0;
  #bytesBefore: number;

  /**
   * @param bytes - how many have moved so far
   * @param stalled - called when too few have
   */
  constructor(rule: MinRateRule, bytes: () => number, stalled: () => void) {
    this.#rule = rule;
    this.#bytes = bytes;
    this.#stalled = stalled;
    this.#bytesBefore = bytes();
  }

  /** It is the client's turn. */
  start(): void {
    if (this.#waits++ > 0) return;
    this.#since = this.#now();
    this.#timer ??= this.#arm();
  }

  /** It is not, any more. */
  stop(): void {
    if (--this.#waits === 0) this.#waitedMs += this.#now() - this.#since;
  }

  /** Nothing is awaited any more, and never will be. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A clock that stands still while the server holds the transfer up. */
  #now(): number {
    return performance.now() - (this.#rule.throttle?.throttledMs ?? 0);
  }

  // One timer for many waits: most are over long before it.
  #arm(): NodeJS.Timeout {
    const { stallMs } = this.#rule;
    const soonMs = Math.min(stallMs, CONTENDED_STALL_MS);
    const leftMs =
      this.#waitedMs < soonMs ? soonMs - this.#waitedMs : Math.min(soonMs, stallMs - this.#waitedMs);
    return setTimeout(() => this.#look(), Math.max(1, Math.ceil(leftMs))).unref();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#waits > 0) {
      const now = this.#now();
      this.#waitedMs += now - this.#since;
      this.#since = now;
    }
    if (this.#isDue && !this.#judge()) return this.#stalled();
    if (this.#waits > 0) this.#timer = this.#arm();
  }

  get #isDue(): boolean {
    const { stallMs } = this.#rule;
    return this.#waitedMs >= stallMs || (this.#waitedMs >= CONTENDED_STALL_MS && this.#rule.isContended());
  }

  /** Whether enough has moved. Begins to measure anew. */
  #judge(): boolean {
    const bytes = this.#bytes();
    const needed = Math.max(1, (this.#rule.minBytesPerSecond * this.#waitedMs) / 1_000);
    const isEnough = bytes - this.#bytesBefore >= needed;
    this.#bytesBefore = bytes;
    this.#waitedMs = 0;
    return isEnough;
  }
}
