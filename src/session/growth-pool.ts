/** Bytes by which the windows of one connection may grow, together: what stalls may not make all of them large. */

export class GrowthPool {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** What one window takes of it, nothing at first. */
  share(): GrowthShare {
    return new GrowthShare({
      left: () => this.#left,
      take: (bytes) => (this.#left -= bytes),
    });
  }
}

interface Pool {
  left(): number;
  take(bytes: number): void;
}

/** What one window has grown by. */
export class GrowthShare {
  readonly #pool: Pool;
  #bytes = 0;
  #released = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Takes as many bytes as are asked for in all, but no more than it leaves to others. Gives what it has. */
  grow(askedBytes: number): number {
    const half = Math.floor((this.#pool.left() + this.#bytes) / 2);
    const bytes = Math.min(askedBytes, half);
    if (!this.#released && bytes > this.#bytes) {
      this.#pool.take(bytes - this.#bytes);
      this.#bytes = bytes;
    }
    return this.#bytes;
  }

  /** Gives everything back, for good. */
  release(): void {
    this.#released = true;
    this.#pool.take(-this.#bytes);
    this.#bytes = 0;
  }
}
