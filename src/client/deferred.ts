/** A promise that is settled from outside; nobody needs to wait for it. */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Its failure is told in other ways, too, so one who does not ask must not get an unhandled rejection.
    this.promise.catch(() => undefined);
  }
}
