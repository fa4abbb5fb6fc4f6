/** A budget for the growth of all windows of one connection, so that stalled transfers do not make all of them large. */

export class WindowBudget {
  availableBytes: number;

  constructor(bytes: number) {
    this.availableBytes = bytes;
  }

  /** The connection has a way on which windows must be larger. */
  add(bytes: number): void {
    this.availableBytes += bytes;
  }

  /** A reservation for one window, of 0 bytes at first. */
  reserve(): WindowReservation {
    return new WindowReservation(this);
  }
}

/** The growth of one window. */
export class WindowReservation {
  readonly #budget: WindowBudget;
  #bytes = 0;
  #released = false;

  constructor(budget: WindowBudget) {
    this.#budget = budget;
  }

  /** Reserves up to `totalBytes`, at most half of what is available. Returns the bytes that are reserved. */
  grow(totalBytes: number): number {
    const half = Math.floor((this.#budget.availableBytes + this.#bytes) / 2);
    if (!this.#released) this.#set(Math.max(this.#bytes, Math.min(totalBytes, half)));
    return this.#bytes;
  }

  /** Releases all bytes, finally. */
  release(): void {
    this.#released = true;
    this.#set(0);
  }

  #set(bytes: number): void {
    this.#budget.availableBytes -= bytes - this.#bytes;
    this.#bytes = bytes;
  }
}
