/** A promise that is settled from outside. If no handler is attached, its rejection is not reported as unhandled. */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  #settled = false;
  #resolve!: (value: Value) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => undefined);
  }

  resolve(value: Value): void {
    this.#settled = true;
    this.#resolve(value);
  }

  /** Rejects, unless the promise is settled; only then the error is created. */
  reject(error: () => unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error());
  }
}
