/** The pings of one end that wait for their pongs. */
import { TransferError } from '../../errors.js';

/** Pings under way at once; more wait for nothing, so they are refused. */
const MAX_PINGS = 1024;

interface Waiting {
  sentAt: number;
  resolve: (roundTripMs: number) => void;
  reject: (error: TransferError) => void;
}

export class Pings {
  readonly #send: (token: number) => void;
  /** Made for the first: many connections never ping. */
  #waiting: Map<number, Waiting> | undefined;
  #lastToken = 0;

  constructor(send: (token: number) => void) {
    this.#send = send;
  }

  /** Whether a pong is awaited. */
  get waiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0;
  }

  /** Sends one; resolves with the round trip in milliseconds. */
  send(): Promise<number> {
    const all = (this.#waiting ??= new Map());
    if (all.size >= MAX_PINGS) {
      return Promise.reject(new TransferError('EAGAIN', `${MAX_PINGS} pings are under way.`));
    }
    const token = ++this.#lastToken;
    return new Promise((resolve, reject) => {
      all.set(token, { sentAt: performance.now(), resolve, reject });
      this.#send(token);
    });
  }

  /** Takes a pong. One that was not asked for is ignored. */
  receive(token: number): void {
    const waiting = this.#waiting?.get(token);
    if (!waiting) return;
    this.#waiting?.delete(token);
    waiting.resolve(performance.now() - waiting.sentAt);
  }

  /** No pong will come any more. */
  rejectAll(error: TransferError): void {
    const all = this.#waiting?.values() ?? [];
    this.#waiting = undefined;
    for (const { reject } of all) reject(error);
  }
}
