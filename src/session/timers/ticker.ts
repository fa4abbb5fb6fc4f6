/**
 * The interval of all checks that judge a peer. A timer that fires late tells that this process was busy or stopped, and
 * not that the peer was silent: what the peer has sent may still wait in a socket, and what this end has to send was not
 * sent. Therefore input is read before the check, and time in which the process was busy does not count.
 *
 *     timer -> afterInput -> onTick(ms): the interval, however late the timer; 0 for the first of several late ones
 */
import { type Clock, clearInterval, setInterval, systemClock } from '../../clock.js';
import { afterInput } from './after-input.js';

/** Delay of a timer in ms that is usual on a busy machine. */
const USUAL_DELAY_MS = 20;

export class Ticker {
  readonly #ms: number;
  readonly #onTick: (ms: number) => void;
  readonly #now: Clock;
  readonly #timer: NodeJS.Timeout;
  #firedAt: number;
  #wasLate = false;
  #cancelTick: (() => void) | undefined;
  #isStopped = false;

  /**
   * Starts at once.
   *
   * @param ms - the interval
   * @param onTick - called with the time since the last call in ms, as far as it counts
   */
  constructor(ms: number, onTick: (ms: number) => void, now: Clock = systemClock) {
    this.#ms = ms;
    this.#onTick = onTick;
    this.#now = now;
    this.#firedAt = now();
    this.#timer = setInterval(() => this.#fire(), ms);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#cancelTick?.();
  }

  /** Keeps the process alive. The default. */
  ref(): this {
    this.#timer.ref();
    return this;
  }

  unref(): this {
    this.#timer.unref();
    return this;
  }

  #fire(): void {
    const now = this.#now();
    const isLate = now - this.#firedAt > 1.5 * this.#ms + USUAL_DELAY_MS;
    // Not for ever: a process that is always busy must still notice a dead peer.
    const ms = isLate && !this.#wasLate ? 0 : this.#ms;
    this.#firedAt = now;
    this.#wasLate = isLate;
    this.#cancelTick = afterInput(() => {
      // Node links the immediates of one turn, so that a reference to one keeps all of them.
      this.#cancelTick = undefined;
      // The tick before may have stopped it.
      if (!this.#isStopped) this.#onTick(ms);
    });
  }
}
