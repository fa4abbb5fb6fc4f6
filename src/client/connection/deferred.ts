/** A promise that is settled from outside. If no handler is attached, its rejection is not reported as unhandled. */
export class Deferred<Value> {
  readonly #promise: Promise<Value>;
  #isTaken = false;
  #settled = false;
  #resolve!: (value: Value) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#promise.catch(() => undefined);
  }

  get promise(): Promise<Value> {
    this.#isTaken = true;
    return this.#promise;
  }

  resolve(value: Value): void {
    this.#settled = true;
    this.#resolve(value);
  }

  /**
   * Rejects, unless the promise is settled; only then the error is created. Returns whether the program learns of the error
   * from the promise: it has taken it before, and the promise was pending.
   */
  reject(error: () => unknown): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#reject(error());
    return this.#isTaken;
  }
}
