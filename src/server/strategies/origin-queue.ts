/** The requests of one origin: the number of running ones, and the waiting ones. Its connections take turns. */
import { LinkedMap } from '../../collections/linked-map.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import type { ServerRequest } from './strategy.js';

export class OriginQueue {
  readonly origin: string;
  /** Number of running requests. */
  running = 0;
  /** Its node in the list of turns; undefined if no request waits. */
  turn: Node<OriginQueue> | undefined;
  /** Its node among the queues of the same length, see `LongestQueueIndex`. */
  rank: { readonly list: LinkedList<OriginQueue>; readonly node: Node<OriginQueue> } | undefined;
  /** By connection, in the order of their turns; none is empty. */
  readonly #queues = new LinkedMap<number, LinkedList<ServerRequest>>();
  #waiting = 0;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Number of waiting requests. */
  get waiting(): number {
    return this.#waiting;
  }

  add(request: ServerRequest): void {
    this.#waiting += 1;
    const queue = this.#queues.get(request.connection) ?? new LinkedList();
    if (queue.length === 0) this.#queues.set(request.connection, queue);
    queue.push(request);
  }

  /** Removes the request whose turn it is. */
  next(): ServerRequest | undefined {
    return this.#removed(this.#queues.first?.shift());
  }

  /** Removes the newest request of the connection whose turn comes last. */
  last(): ServerRequest | undefined {
    return this.#removed(this.#queues.last?.pop());
  }

  /** Drops requests that are settled, e.g. cancelled. */
  dropSettled(): void {
    for (const queue of this.#queues.values()) {
      const { length } = queue;
      const connection = queue.first?.item.connection;
      queue.removeAll(({ settled }) => settled);
      this.#waiting -= length - queue.length;
      if (connection !== undefined && queue.length === 0) this.#queues.delete(connection);
    }
  }

  /** Moves the connection of a removed request behind the others. */
  #removed(request: ServerRequest | undefined): ServerRequest | undefined {
    if (!request) return undefined;
    const { connection } = request;
    this.#waiting -= 1;
    if (this.#queues.get(connection)?.length === 0) this.#queues.delete(connection);
    else this.#queues.moveToEnd(connection);
    return request;
  }
}
