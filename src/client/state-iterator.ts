/** What a client's connection is about, as events and as an iterable. */
import type { TransferError } from '../errors.js';

/** What a client's connection is about. */
export type ClientState =
  /** There is none: none was needed yet, it was not needed any more, or it was lost (with the error). */
  | { readonly status: 'disconnected'; readonly error?: TransferError | undefined }
  /** The first one is being made. */
  | { readonly status: 'connecting' }
  /** The server has said welcome. */
  | { readonly status: 'connected' }
  /** It was lost, or could not be made; after `delayMs` another one is tried. */
  | {
      readonly status: 'waiting';
      readonly delayMs: number;
      readonly attempt: number;
      readonly error: TransferError;
    }
  /** Another one is being made; `attempt` counts those since the last progress, this one included. */
  | { readonly status: 'reconnecting'; readonly attempt: number }
  /** The client is closed. */
  | { readonly status: 'closed' };

/** States that are kept for a reader who is slower than they change; older ones are left out. */
const MAX_WAITING_STATES = 64;

/** Hands out the state as it is, and every later one; ends after `closed`. */
export class StateIterator implements AsyncIterableIterator<ClientState, undefined, undefined> {
  readonly #stop: () => void;
  readonly #states: ClientState[];
  #ended = false;
  #waiting: (() => void)[] = [];

  /** @param stop - called when nobody iterates any more */
  constructor(current: ClientState, stop: () => void) {
    this.#states = [current];
    this.#stop = stop;
  }

  /** The state has changed. */
  take(state: ClientState): void {
    this.#states.push(state);
    if (this.#states.length > MAX_WAITING_STATES) this.#states.shift();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ClientState, undefined>> {
    while (!this.#ended && this.#states.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const value = this.#states.shift();
    if (!value) return { done: true, value: undefined };
    if (value.status === 'closed') await this.return();
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<ClientState, undefined>> {
    this.#ended = true;
    this.#states.length = 0;
    this.#stop();
    this.#wake();
    return { done: true, value: undefined };
  }

  #wake(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const wake of all) wake();
  }
}
