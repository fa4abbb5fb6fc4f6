/** A ticket: a request in a strategy's hands. However the strategy treats it, it is settled exactly once. */
import { TransferError } from '../errors.js';
import type { Exchange } from './exchange.js';
import type { ServerRequest } from './strategies/strategy.js';

/** Whoever has the requests of a connection served, and is told of them. */
export interface TicketOwner {
  readonly connection: number;
  readonly origin: string;
  /** Milliseconds that a cancelled request is given to end, until its place is taken by the next. */
  readonly patienceMs: number;
  /** Serves a request; rejects with what the client is to be told. */
  serve(exchange: Exchange): Promise<void>;
  /** A request has its turn. */
  started(): void;
  /** A request is over. */
  settled(exchange: Exchange, outcome: TicketOutcome): void;
}

/** How a request ended. */
export interface TicketOutcome {
  /** Whether it ever had its turn. */
  readonly began: boolean;
  readonly durationMs: number;
  readonly error: TransferError | undefined;
}

type State = 'waiting' | 'running' | 'settled';

export class Ticket implements ServerRequest {
  readonly #exchange: Exchange;
  readonly #owner: TicketOwner;
  readonly #since = performance.now();
  #state: State = 'waiting';
  #release: (() => void) | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, owner: TicketOwner) {
    this.#exchange = exchange;
    this.#owner = owner;
    exchange.onCancel = (error) => this.#cancelled(error);
  }

  get operation(): string {
    return this.#exchange.request.op;
  }

  get path(): string | undefined {
    return this.#exchange.request.path;
  }

  get connection(): number {
    return this.#owner.connection;
  }

  get origin(): string {
    return this.#owner.origin;
  }

  get over(): boolean {
    return this.#state === 'settled';
  }

  run(): Promise<void> {
    if (this.#state !== 'waiting') return Promise.resolve();
    this.#state = 'running';
    this.#owner.started();
    return new Promise((resolve) => {
      this.#release = resolve;
      this.#owner.serve(this.#exchange).then(
        () => this.#settle(undefined),
        (thrown: unknown) => this.#settle(TransferError.from(thrown)),
      );
    });
  }

  refuse(error: TransferError): void {
    if (this.#state === 'waiting') this.#settle(error);
  }

  /** One that waits is over at once; one that runs is given time to clean up, though not for ever. */
  #cancelled(error: TransferError): void {
    if (this.#state === 'waiting') this.#settle(error);
    if (this.#state === 'settled') return;
    this.#patience = setTimeout(() => this.#settle(error), this.#owner.patienceMs).unref();
  }

  #settle(error: TransferError | undefined): void {
    if (this.#state === 'settled') return;
    const began = this.#state === 'running';
    this.#state = 'settled';
    clearTimeout(this.#patience);
    if (error) this.#exchange.fail(error);
    this.#owner.settled(this.#exchange, { began, error, durationMs: performance.now() - this.#since });
    this.#release?.();
  }
}
