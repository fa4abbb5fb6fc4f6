/**
 * Detects a stalled transfer. Sums up the time that the transfer waits for its client, over all waits, and compares it
 * with the bytes that moved: a client that sends a byte now and then stalls like one that sends nothing.
 */
import { systemClock } from '../../clock.js';
import { CONTENDED_STALL_MS } from '../../protocol/limits.js';
import { Ticker } from '../../session/timers/ticker.js';

/** Checks during the shortest time limit. */
const TICKS = 4;

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
  readonly #tickMs: number;
  #ticker: Ticker | undefined;
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
    this.#tickMs = Math.ceil(Math.min(rule.stallMs, CONTENDED_STALL_MS) / TICKS);
    this.#bytes = bytes;
    this.#onStall = onStall;
    this.#bytesBefore = bytes();
  }

  /** The transfer starts to wait for the client. Waits may overlap. */
  start(): void {
    if (this.#waits++ > 0) return;
    this.#since = this.#now();
    this.#ticker ??= new Ticker(this.#tickMs, (ms) => this.#check(ms)).unref();
  }

  stop(): void {
    if (--this.#waits === 0) this.#measure();
  }

  /** Whether the transfer waits for the client. */
  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  /** Clears the timer, after the end of the transfer. */
  end(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
  }

  /** A clock that stops while a bandwidth limit delays the transfer. */
  #now(): number {
    return systemClock() - (this.#rule.throttle?.throttledMs ?? 0);
  }

  /** Adds the present wait, or its part since the last tick: more than a tick means that this process was busy. */
  #measure(): void {
    const now = this.#now();
    this.#waitedMs += Math.min(now - this.#since, this.#tickMs);
    this.#since = now;
  }

  #check(passedMs: number): void {
    if (passedMs === 0) this.#since = this.#now();
    else if (this.#waits > 0) this.#measure();
    if (this.#isDue && !this.#isFastEnough()) {
      this.end();
      this.#onStall();
    } else if (this.#waits === 0) {
      // The next wait starts it again: most waits are much shorter than a tick.
      this.end();
    }
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
