/** A promise that is settled from outside; nobody needs to wait for it. */
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
    // Its failure is told in other ways, too, so one who does not ask must not get an unhandled rejection.
    this.promise.catch(() => undefined);
  }

  /** Settles it well, unless it is settled. */
  resolve(value: Value): void {
    this.#settled = true;
    this.#resolve(value);
  }

  /** Settles it with an error, made only if it is needed, unless it is settled. */
  reject(error: () => unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error());
  }
}
