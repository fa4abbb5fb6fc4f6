/** The blocking strategy: for servers on which the order of requests matters. */
import { TransferError } from '../../errors.js';
import { LinkedList } from '../../collections/linked-list.js';
import { integerOption, rejectUnknownOptions } from '../../options/option.js';
import { DEFAULT_MAX_QUEUED_REQUESTS } from '../../protocol/limits.js';
import { PruneThrottle } from './prune-throttle.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** The options of {@link BlockingStrategy}. */
export interface BlockingOptions {
  /** Requests that wait; further ones are rejected with EAGAIN. From 0. Default 4,096. */
  readonly maxQueuedRequests?: number | undefined;
}

/**
 * Runs one request at a time, in order of arrival, over all connections.
 *
 * @example
 * ```ts
 * const server = new FileServer({ root: 'files', strategy: new BlockingStrategy() });
 * ```
 */
export class BlockingStrategy implements ServerStrategy {
  /** `'blocking'`. */
  readonly name = 'blocking';
  readonly #maxQueuedRequests: number;
  readonly #queue = new LinkedList<ServerRequest>();
  readonly #pruneThrottle = new PruneThrottle();
  #busy = false;

  /** @throws TypeError if an option is wrong */
  constructor(options: BlockingOptions = {}) {
    rejectUnknownOptions('BlockingStrategy', options, ['maxQueuedRequests']);
    this.#maxQueuedRequests = integerOption('maxQueuedRequests', options.maxQueuedRequests, {
      min: 0,
      default: DEFAULT_MAX_QUEUED_REQUESTS,
    });
  }

  /** Runs or queues a request, or rejects it with EAGAIN. */
  submit(request: ServerRequest): void {
    this.#pruneThrottle.onArrival();
    if (this.#busy && !this.#hasRoom()) {
      const reason = `The request queue of the server is full: ${this.#maxQueuedRequests} requests wait.`;
      request.reject(new TransferError('EAGAIN', reason));
      return;
    }
    this.#queue.push(request);
    if (!this.#busy) void this.#serve();
  }

  #hasRoom(): boolean {
    if (this.#queue.length >= this.#maxQueuedRequests && this.#pruneThrottle.isDue(this.#queue.length)) {
      this.#queue.removeAll(({ settled }) => settled);
    }
    return this.#queue.length < this.#maxQueuedRequests;
  }

  async #serve(): Promise<void> {
    this.#busy = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) await request.run();
    this.#busy = false;
  }
}
