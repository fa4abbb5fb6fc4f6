/** The pings of one end that wait for their pongs. */
import { systemClock } from '../../clock.js';
import { TransferError } from '../../errors.js';

const MAX_PINGS = 1024;

interface PendingPing {
  sentAt: number;
  resolve: (roundTripMs: number) => void;
  reject: (error: TransferError) => void;
}

export class Pings {
  readonly #send: (token: number) => void;
  /** Created with the first ping, because many connections never send one. */
  #pending: Map<number, PendingPing> | undefined;
  #lastToken = 0;

  constructor(send: (token: number) => void) {
    this.#send = send;
  }

  get hasPending(): boolean {
    return this.#pending !== undefined && this.#pending.size > 0;
  }

  /** Sends a ping. Resolves with the round-trip time in ms. */
  send(): Promise<number> {
    const pending = (this.#pending ??= new Map());
    if (pending.size >= MAX_PINGS) {
      return Promise.reject(new TransferError('EAGAIN', `${MAX_PINGS} pings already wait for an answer.`));
    }
    const token = ++this.#lastToken;
    return new Promise((resolve, reject) => {
      pending.set(token, { sentAt: systemClock(), resolve, reject });
      this.#send(token);
    });
  }

  /** Handles a pong. An unexpected one is ignored. */
  receive(token: number): void {
    const ping = this.#pending?.get(token);
    if (!ping) return;
    this.#pending?.delete(token);
    ping.resolve(systemClock() - ping.sentAt);
  }

  rejectAll(error: TransferError): void {
    const pending = this.#pending?.values() ?? [];
    this.#pending = undefined;
    for (const { reject } of pending) reject(error);
  }
}
