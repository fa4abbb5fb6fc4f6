/** Counts how far a request has got, over all its channels: what is repeated does not count again. */
export class ProgressCount {
  readonly #progress: () => number;
  /** The furthest progress that was counted, in bytes. */
  #furthest = 0;

  constructor(progress: () => number) {
    this.#progress = progress;
  }

  /** Counts from here. */
  start(): void {
    this.#furthest = this.#progress();
  }

  /** Whether the request has got further than was counted. */
  get isFurther(): boolean {
    return this.#progress() > this.#furthest;
  }

  /** The bytes beyond the furthest progress so far. */
  take(): number {
    const bytes = Math.max(0, this.#progress() - this.#furthest);
    this.#furthest += bytes;
    return bytes;
  }
}
