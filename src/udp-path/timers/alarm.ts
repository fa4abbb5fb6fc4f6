/** A timer for the next of many moments: the earliest one counts. It does not keep the process alive. */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from '../../clock.js';

export class Alarm {
  readonly #callback: () => void;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #atMs = Infinity;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  /** Calls back at a time in ms, unless an earlier one is set. `Infinity`: never. */
  setAt(atMs: number, nowMs: number): void {
    if (this.#immediate || atMs >= this.#atMs) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, Math.ceil(atMs - nowMs))).unref();
  }

  /** Calls back in this turn of the event loop. */
  setNow(): void {
    this.#immediate ??= setImmediate(() => this.#fire()).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#atMs = Infinity;
  }

  #fire(): void {
    this.stop();
    this.#callback();
  }
}
