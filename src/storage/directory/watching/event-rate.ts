/** Tells when events of the system come so fast that it may have dropped some, which it does not report. */
import { systemClock } from '../../../clock.js';

/** Events in a second; Linux keeps 16,384 that were not read. */
const MAX_PER_SECOND = 4_000;

export class EventRate {
  #since = systemClock();
  #events = 0;
  #isExceeded = false;

  add(): void {
    const now = systemClock();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#events = 0;
    }
    this.#events += 1;
    if (this.#events > MAX_PER_SECOND) this.#isExceeded = true;
  }

  /** Whether there were too many since the last call. */
  takeExcess(): boolean {
    const isExceeded = this.#isExceeded;
    this.#isExceeded = false;
    return isExceeded;
  }
}
