/** The state of a client's connection, as a type and as an async iterator. */
import type { TransferError } from '../errors.js';

/** The state of a client's connection. */
export type ClientState =
  /** No connection: not needed yet, closed, or lost (with the error). */
  | { readonly status: 'disconnected'; readonly error?: TransferError | undefined }
  /** The first connection is being made. */
  | { readonly status: 'connecting' }
  /** The server has sent `welcome`. */
  | { readonly status: 'connected' }
  /** The connection was lost or could not be made. The next attempt follows after `delayMs`. */
  | {
      readonly status: 'waiting';
      readonly delayMs: number;
      readonly attempt: number;
      readonly error: TransferError;
    }
  /** Another connection is being made. `attempt` counts from 1 since the last progress. */
  | { readonly status: 'reconnecting'; readonly attempt: number }
  /** The client is closed. */
  | { readonly status: 'closed' };

/** States that are kept for a slow reader; older ones are dropped. */
const MAX_QUEUED_STATES = 64;

/** Iterates the current state and every later one; ends after `closed`. */
export class StateIterator implements AsyncIterableIterator<ClientState, undefined, undefined> {
  readonly #onReturn: () => void;
  readonly #states: ClientState[];
  #ended = false;
  #pendingReads: (() => void)[] = [];

  /** @param onReturn - called when the iteration ends */
  constructor(current: ClientState, onReturn: () => void) {
    this.#states = [current];
    this.#onReturn = onReturn;
  }

  push(state: ClientState): void {
    this.#states.push(state);
    if (this.#states.length > MAX_QUEUED_STATES) this.#states.shift();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ClientState, undefined>> {
    while (!this.#ended && this.#states.length === 0) {
      await new Promise<void>((resolve) => this.#pendingReads.push(resolve));
    }
    const value = this.#states.shift();
    if (!value) return { done: true, value: undefined };
    if (value.status === 'closed') await this.return();
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<ClientState, undefined>> {
    this.#ended = true;
    this.#states.length = 0;
    this.#onReturn();
    this.#wake();
    return { done: true, value: undefined };
  }

  #wake(): void {
    const all = this.#pendingReads;
    this.#pendingReads = [];
    for (const wake of all) wake();
  }
}
