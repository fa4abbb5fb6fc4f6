/** Events on a clock that jumps to the next of them. Times are in us. */

interface Event {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

export class VirtualClock {
  now: number;
  /** A binary heap. */
  readonly #events: Event[] = [];
  #order = 0;

  constructor(startUs: number) {
    this.now = startUs;
  }

  at(us: number, action: () => void): void {
    const event = { at: Math.max(us, this.now), order: this.#order++, action };
    const events = this.#events;
    let index = events.length;
    events.push(event);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!isBefore(event, events[parent]!)) break;
      events[index] = events[parent]!;
      index = parent;
    }
    events[index] = event;
  }

  after(us: number, action: () => void): void {
    this.at(this.now + us, action);
  }

  /** Runs events until none is left, `isDone`, or the end of the time. Returns whether it was done. */
  run(endUs: number, isDone: () => boolean): boolean {
    while (!isDone()) {
      const event = this.#events[0];
      if (!event || event.at > endUs) return false;
      this.#removeFirst();
      this.now = event.at;
      event.action();
    }
    return true;
  }

  #removeFirst(): void {
    const events = this.#events;
    const last = events.pop()!;
    if (events.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child += 1;
      if (!isBefore(events[child]!, last)) break;
      events[index] = events[child]!;
      index = child;
    }
    events[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
