/** Non-blocking: the strategy of a server with many clients. */
import { TransferError } from '../../errors.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** Bounds of the non-blocking strategy. */
export interface NonBlockingOptions {
  /** Requests served at once. */
  readonly maxConcurrentRequests: number;
  /** Requests that wait; further ones are refused with EAGAIN. */
  readonly maxQueuedRequests: number;
}

/**
 * All requests at once, up to a limit. Beyond it they wait, and connections take turns in starting theirs, so that one
 * with a thousand requests does not hold up one with a single request. How the bytes of those that run take turns is
 * the session's business.
 */
export class NonBlockingStrategy implements ServerStrategy {
  /** `'non-blocking'`. */
  readonly name = 'non-blocking';
  readonly #options: NonBlockingOptions;
  /** Waiting requests by connection; a Map keeps the order in which the connections' turns come. */
  readonly #queues = new Map<number, ServerRequest[]>();
  #running = 0;
  #queued = 0;

  constructor(options: NonBlockingOptions) {
    this.#options = options;
  }

  /** Starts a request, queues it, or refuses it with EAGAIN. */
  submit(request: ServerRequest): void {
    if (this.#running < this.#options.maxConcurrentRequests) {
      void this.#serve(request);
    } else if (this.#hasRoom()) {
      this.#enqueue(request);
    } else {
      request.refuse(new TransferError('EAGAIN', 'Too many requests wait.'));
    }
  }

  async #serve(first: ServerRequest): Promise<void> {
    this.#running += 1;
    for (let request: ServerRequest | undefined = first; request; request = this.#next()) await request.run();
    this.#running -= 1;
  }

  #hasRoom(): boolean {
    const { maxQueuedRequests } = this.#options;
    if (this.#queued >= maxQueuedRequests) this.#dropOver();
    return this.#queued < maxQueuedRequests;
  }

  #dropOver(): void {
    for (const [connection, queue] of this.#queues) {
      const waiting = queue.filter(({ over }) => !over);
      this.#queued -= queue.length - waiting.length;
      if (waiting.length > 0) this.#queues.set(connection, waiting);
      else this.#queues.delete(connection);
    }
  }

  #enqueue(request: ServerRequest): void {
    this.#queued += 1;
    const queue = this.#queues.get(request.connection);
    if (queue) queue.push(request);
    else this.#queues.set(request.connection, [request]);
  }

  #next(): ServerRequest | undefined {
    for (const [connection, queue] of this.#queues) {
      const request = queue.shift();
      this.#queues.delete(connection);
      if (queue.length > 0) this.#queues.set(connection, queue);
      if (!request) continue;
      this.#queued -= 1;
      return request;
    }
    return undefined;
  }
}
