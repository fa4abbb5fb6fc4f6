/** Blocking: the strategy that a file server has when it is written for the first time, and when order matters. */
import { TransferError } from '../../errors.js';
import { LinkedList } from '../../collections/linked-list.js';
import { PruneThrottle } from './prune-throttle.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** Bounds of the blocking strategy. */
export interface BlockingOptions {
  /** Requests that wait; further ones are refused with EAGAIN. */
  readonly maxQueuedRequests: number;
}

/** One request at a time, in order of arrival, each to its end, whichever connection it came from. */
export class BlockingStrategy implements ServerStrategy {
  /** `'blocking'`. */
  readonly name = 'blocking';
  readonly #options: BlockingOptions;
  readonly #queue = new LinkedList<ServerRequest>();
  readonly #lookThrough = new PruneThrottle();
  #busy = false;

  constructor(options: BlockingOptions) {
    this.#options = options;
  }

  /** Queues a request, or refuses it with EAGAIN. */
  submit(request: ServerRequest): void {
    this.#lookThrough.arrived();
    if (this.#busy && !this.#hasRoom()) {
      request.reject(new TransferError('EAGAIN', 'Too many requests wait.'));
      return;
    }
    this.#queue.push(request);
    if (!this.#busy) void this.#serve();
  }

  #hasRoom(): boolean {
    const { maxQueuedRequests } = this.#options;
    if (this.#queue.length >= maxQueuedRequests && this.#lookThrough.isDue(this.#queue.length)) {
      this.#queue.removeAll(({ settled }) => settled);
    }
    return this.#queue.length < maxQueuedRequests;
  }

  async #serve(): Promise<void> {
    this.#busy = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) await request.run();
    this.#busy = false;
  }
}
