/** A ticket: a request in a strategy's hands. However the strategy treats it, it is settled exactly once. */
import { TransferError } from '../errors.js';
import type { Exchange } from './exchange.js';
import type { ServerRequest } from './strategies/strategy.js';

/** What a ticket does when its time has come, and whom it tells. */
export interface TicketOwner {
  readonly connection: number;
  readonly origin: string;
  /** Milliseconds that a cancelled request is given to end, until its place is taken by the next. */
  readonly patienceMs: number;
  /** Serves the request; throws what the client is to be told. */
  serve(): Promise<void>;
  /** The request has its turn. */
  started(): void;
  /** The request is over; `began` says whether it ever had its turn. */
  settled(outcome: TicketOutcome): void;
}

/** How a request ended. */
export interface TicketOutcome {
  readonly began: boolean;
  readonly durationMs: number;
  readonly error: TransferError | undefined;
}

type State = 'waiting' | 'running' | 'settled';

export class Ticket implements ServerRequest {
  readonly operation: string;
  readonly path: string | undefined;
  readonly connection: number;
  readonly origin: string;
  readonly #exchange: Exchange;
  readonly #owner: TicketOwner;
  readonly #since = performance.now();
  #state: State = 'waiting';
  #release: (() => void) | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(exchange: Exchange, owner: TicketOwner) {
    this.#exchange = exchange;
    this.#owner = owner;
    this.operation = exchange.request.op;
    this.path = exchange.request.path;
    this.connection = owner.connection;
    this.origin = owner.origin;
    exchange.onCancel = (error) => this.#cancelled(error);
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
      void outcomeOf(this.#owner.serve()).then((error) => this.#settle(error));
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
    this.#owner.settled({ began, error, durationMs: performance.now() - this.#since });
    this.#release?.();
  }
}

async function outcomeOf(work: Promise<void>): Promise<TransferError | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    return TransferError.from(thrown);
  }
}
