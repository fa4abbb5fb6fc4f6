/** The requests of one origin: how many of them are served, and which wait. Its connections take turns. */
import type { ServerRequest } from './strategy.js';

export class Lane {
  /** Requests that are served. */
  running = 0;
  /** By connection; a Map keeps the order in which the connections' turns come. */
  readonly #queues = new Map<number, ServerRequest[]>();
  #waiting = 0;

  /** Requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets a request wait. */
  add(request: ServerRequest): void {
    this.#waiting += 1;
    const queue = this.#queues.get(request.connection);
    if (queue) queue.push(request);
    else this.#queues.set(request.connection, [request]);
  }

  /** Takes out the request whose turn it is. */
  next(): ServerRequest | undefined {
    for (const [connection, queue] of this.#queues) {
      const request = queue.shift();
      this.#queues.delete(connection);
      if (queue.length > 0) this.#queues.set(connection, queue);
      if (!request) continue;
      this.#waiting -= 1;
      return request;
    }
    return undefined;
  }

  /** Takes out the request that came last, of the connection whose turn comes last. */
  last(): ServerRequest | undefined {
    const [connection, queue] = [...this.#queues].at(-1) ?? [];
    if (connection === undefined || !queue) return undefined;
    const request = queue.pop();
    if (queue.length === 0) this.#queues.delete(connection);
    if (request) this.#waiting -= 1;
    return request;
  }

  /** Drops those that were answered meanwhile. */
  dropOver(): void {
    for (const [connection, queue] of this.#queues) {
      const waiting = queue.filter(({ over }) => !over);
      this.#waiting -= queue.length - waiting.length;
      if (waiting.length > 0) this.#queues.set(connection, waiting);
      else this.#queues.delete(connection);
    }
  }
}
