/** Bytes by which the windows of one connection may grow, together: what stalls may not make all of them large. */

export class WindowBudget {
  /** Bytes that no window has taken. */
  left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  /** What one window takes of it, nothing at first. */
  share(): WindowReservation {
    return new WindowReservation(this);
  }
}

/** What one window has grown by. */
export class WindowReservation {
  readonly #pool: WindowBudget;
  #bytes = 0;
  #released = false;

  constructor(pool: WindowBudget) {
    this.#pool = pool;
  }

  /** Takes as many bytes as are asked for in all, but no more than it leaves to others. Gives what it has. */
  grow(askedBytes: number): number {
    const half = Math.floor((this.#pool.left + this.#bytes) / 2);
    if (!this.#released) this.#set(Math.max(this.#bytes, Math.min(askedBytes, half)));
    return this.#bytes;
  }

  /** Gives everything back, for good. */
  release(): void {
    this.#released = true;
    this.#set(0);
  }

  #set(bytes: number): void {
    this.#pool.left -= bytes - this.#bytes;
    this.#bytes = bytes;
  }
}
