/**
 * Detects a stalled transfer. Sums up the time that the transfer waits for its client, over all waits, and compares it
 * with the bytes that moved: a client that sends a byte now and then stalls like one that sends nothing.
 */
import { CONTENDED_STALL_MS } from '../../protocol/limits.js';

/** The minimum rate of a transfer while it waits for its client. */
export interface MinRateRule {
  /** Waiting time after which the rate is checked. */
  readonly stallMs: number;
  /** Average over the waiting time; 0 requires one byte. */
  readonly minBytesPerSecond: number;
  /** The bandwidth limits of the connection. Time that they delay the transfer does not count. */
  readonly throttle?: { readonly throttledMs: number } | undefined;
  /** Whether other requests wait: then the rate is checked sooner. */
  isContended(): boolean;
}

export class StallTimer {
  readonly #rule: MinRateRule;
  readonly #bytes: () => number;
  readonly #onStall: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waits = 0;
  #since = 0;
  #waitedMs = 0;
  #bytesBefore: number;

  /**
   * @param bytes - returns the bytes that have moved so far
   * @param onStall - called when the rate is too low
   */
  constructor(rule: MinRateRule, bytes: () => number, onStall: () => void) {
    this.#rule = rule;
    this.#bytes = bytes;
    this.#onStall = onStall;
    this.#bytesBefore = bytes();
  }

  /** The transfer starts to wait for the client. Waits may overlap. */
  start(): void {
    if (this.#waits++ > 0) return;
    this.#since = this.#now();
    this.#timer ??= this.#arm();
  }

  stop(): void {
    if (--this.#waits === 0) this.#waitedMs += this.#now() - this.#since;
  }

  /** Whether the transfer waits for the client. */
  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  /** Clears the timer, after the end of the transfer. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A clock that stops while a bandwidth limit delays the transfer. */
  #now(): number {
    return performance.now() - (this.#rule.throttle?.throttledMs ?? 0);
  }

  // One timer for many waits: most waits are much shorter.
  #arm(): NodeJS.Timeout {
    const { stallMs } = this.#rule;
    const soonMs = Math.min(stallMs, CONTENDED_STALL_MS);
    const leftMs =
      this.#waitedMs < soonMs ? soonMs - this.#waitedMs : Math.min(soonMs, stallMs - this.#waitedMs);
    return setTimeout(() => this.#check(), Math.max(1, Math.ceil(leftMs))).unref();
  }

  #check(): void {
    this.#timer = undefined;
    if (this.#waits > 0) {
      const now = this.#now();
      this.#waitedMs += now - this.#since;
      this.#since = now;
    }
    if (this.#isDue && !this.#isFastEnough()) return this.#onStall();
    if (this.#waits > 0) this.#timer = this.#arm();
  }

  get #isDue(): boolean {
    const { stallMs } = this.#rule;
    return this.#waitedMs >= stallMs || (this.#waitedMs >= CONTENDED_STALL_MS && this.#rule.isContended());
  }

  /** Also starts a new measurement. */
  #isFastEnough(): boolean {
    const bytes = this.#bytes();
    const needed = Math.max(1, (this.#rule.minBytesPerSecond * this.#waitedMs) / 1_000);
    const isEnough = bytes - this.#bytesBefore >= needed;
    this.#bytesBefore = bytes;
    this.#waitedMs = 0;
    return isEnough;
  }
}
