import { afterInput } from '../../session/timers/after-input.js';

/** The timers of a client that can keep the process alive: all of them do, or none of them does. */
import { clearTimeout, setTimeout } from '../../clock.js';

export class TimerGroup {
  readonly #timers = new Set<NodeJS.Timeout>();
  #isRef = true;

  /** Whether the timers keep the process alive. */
  get isRef(): boolean {
    return this.#isRef;
  }

  /**
   * Calls back once, after `ms` milliseconds and after the input that has arrived by then: a result that is there is in
   * time. Returns a function that stops the timer.
   */
  start(callback: () => void, ms: number): () => void {
    let cancel: (() => void) | undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      cancel = afterInput(callback);
    }, ms);
    if (!this.#isRef) timer.unref();
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      cancel?.();
      this.#timers.delete(timer);
    };
  }

  /** Sets whether the timers, present and later ones, keep the process alive. */
  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    for (const timer of this.#timers) {
      if (isRef) timer.ref();
      else timer.unref();
    }
  }
}
