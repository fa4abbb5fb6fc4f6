/** The requests of one origin: the number that run, and those that wait. The connections of the origin take turns. */
import { LinkedMap } from '../../collections/linked-map.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import type { ServerRequest } from './strategy.js';

export class OriginQueue {
  readonly origin: string;
  /** Number of requests that run. */
  running = 0;
  /** Place in the list of origins that take turns; undefined if no request waits. */
  turn: Node<OriginQueue> | undefined;
  /** Place in the index of queues by length; undefined if no request waits. */
  rank: { readonly list: LinkedList<OriginQueue>; readonly place: Node<OriginQueue> } | undefined;
  /** Waiting requests by connection, in the order of turns. No list is empty. */
  readonly #queues = new LinkedMap<number, LinkedList<ServerRequest>>();
  #waiting = 0;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Number of requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Adds a request that waits. */
  add(request: ServerRequest): void {
    this.#waiting += 1;
    const queue = this.#queues.get(request.connection) ?? new LinkedList();
    if (queue.length === 0) this.#queues.set(request.connection, queue);
    queue.push(request);
  }

  /** Removes and returns the request whose turn it is. */
  next(): ServerRequest | undefined {
    return this.#taken(this.#queues.first?.shift());
  }

  /** Removes and returns the last request of the connection whose turn comes last. */
  last(): ServerRequest | undefined {
    return this.#taken(this.#queues.last?.pop());
  }

  /** Removes the requests that are settled. */
  dropSettled(): void {
    for (const queue of this.#queues.values()) {
      const { length } = queue;
      const connection = queue.first?.item.connection;
      queue.removeAll(({ settled }) => settled);
      this.#waiting -= length - queue.length;
      if (connection !== undefined && queue.length === 0) this.#queues.delete(connection);
    }
  }

  /** The next turn of the connection comes after the turns of the others. */
  #taken(request: ServerRequest | undefined): ServerRequest | undefined {
    if (!request) return undefined;
    const { connection } = request;
    this.#waiting -= 1;
    if (this.#queues.get(connection)?.length === 0) this.#queues.delete(connection);
    else this.#queues.moveToEnd(connection);
    return request;
  }
}
