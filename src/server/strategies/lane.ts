/** The requests of one origin: how many of them are served, and which wait. Its connections take turns. */
import { KeyedRow } from '../../session/keyed-row.js';
import { Row, type Place } from '../../session/row.js';
import type { ServerRequest } from './strategy.js';

/** What waits of one connection. */
interface Queue {
  readonly connection: number;
  readonly requests: Row<ServerRequest>;
}

export class Lane {
  readonly origin: string;
  /** Requests that are served. */
  running = 0;
  /** Its place among the lanes whose turns come; undefined if nothing waits. */
  turn: Place<Lane> | undefined;
  /** By connection, in the order in which their turns come; none is empty. */
  readonly #queues = new KeyedRow<number, Queue>();
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
    const { connection } = request;
    const queue = this.#queues.get(connection);
    if (queue) {
      queue.requests.push(request);
      return;
    }
    const requests = new Row<ServerRequest>();
    requests.push(request);
    this.#queues.set(connection, { connection, requests });
  }

  /** Takes out the request whose turn it is. */
  next(): ServerRequest | undefined {
    const queue = this.#queues.first;
    if (!queue) return undefined;
    this.#queues.moveToEnd(queue.connection);
    return this.#taken(queue, queue.requests.shift());
  }

  /** Takes out the request that came last, of the connection whose turn comes last. */
  last(): ServerRequest | undefined {
    const queue = this.#queues.last;
    return queue && this.#taken(queue, queue.requests.pop());
  }

  /** Drops those that were answered meanwhile. */
  dropOver(): void {
    for (const queue of this.#queues.values()) {
      const before = queue.requests.length;
      queue.requests.removeAll(({ over }) => over);
      this.#waiting -= before - queue.requests.length;
      this.#dropEmpty(queue);
    }
  }

  #taken(queue: Queue, request: ServerRequest | undefined): ServerRequest | undefined {
    if (request) this.#waiting -= 1;
    this.#dropEmpty(queue);
    return request;
  }

  #dropEmpty({ connection, requests }: Queue): void {
    if (requests.length === 0) this.#queues.delete(connection);
  }
}
