/** The requests of one origin: how many of them are served, and which wait. Its connections take turns. */
import { LinkedMap } from '../../collections/linked-map.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import type { ServerRequest } from './strategy.js';

export class OriginQueue {
  readonly origin: string;
  /** Requests that are served. */
  running = 0;
  /** Its place among the lanes whose turns come; undefined if nothing waits. */
  turn: Node<OriginQueue> | undefined;
  /** Its place among the lanes in which as many requests wait. */
  rank: { readonly row: LinkedList<OriginQueue>; readonly place: Node<OriginQueue> } | undefined;
  /** By connection, in the order in which their turns come; none is empty. */
  readonly #queues = new LinkedMap<number, LinkedList<ServerRequest>>();
  #waiting = 0;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Lets a request wait. */
  add(request: ServerRequest): void {
    this.#waiting += 1;
    const queue = this.#queues.get(request.connection) ?? new LinkedList();
    if (queue.length === 0) this.#queues.set(request.connection, queue);
    queue.push(request);
  }

  /** Takes out the request whose turn it is. */
  next(): ServerRequest | undefined {
    return this.#taken(this.#queues.first?.shift());
  }

  /** Takes out the request that came last, of the connection whose turn comes last. */
  last(): ServerRequest | undefined {
    return this.#taken(this.#queues.last?.pop());
  }

  /** Drops those that were answered meanwhile. */
  dropOver(): void {
    for (const queue of this.#queues.values()) {
      const { length } = queue;
      const connection = queue.first?.item.connection;
      queue.removeAll(({ settled }) => settled);
      this.#waiting -= length - queue.length;
      if (connection !== undefined && queue.length === 0) this.#queues.delete(connection);
    }
  }

  /** The next turn of its connection comes after those of the others. */
  #taken(request: ServerRequest | undefined): ServerRequest | undefined {
    if (!request) return undefined;
    const { connection } = request;
    this.#waiting -= 1;
    if (this.#queues.get(connection)?.length === 0) this.#queues.delete(connection);
    else this.#queues.moveToEnd(connection);
    return request;
  }
}
