/** What a client's connection is about, as events and as an iterable. */
import type { TransferError } from '../errors.js';

/** What a client's connection is about. */
export type ClientState =
  /** There is none: none was needed yet, it was not needed any more, or it was lost (with the error). */
  | { readonly name: 'disconnected'; readonly error?: TransferError | undefined }
  /** The first one is being made. */
  | { readonly name: 'connecting' }
  /** The server has said welcome. */
  | { readonly name: 'connected' }
  /** It was lost, or could not be made; after `delayMs` another one is tried. */
  | {
      readonly name: 'waiting';
      readonly delayMs: number;
      readonly tries: number;
      readonly error: TransferError;
    }
  /** Another one is being made; `tries` counts those since the last progress, this one included. */
  | { readonly name: 'reconnecting'; readonly tries: number }
  /** The client is closed. */
  | { readonly name: 'closed' };

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
    if (value.name === 'closed') await this.return();
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
