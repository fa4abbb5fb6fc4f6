/** Queues by their number of waiting requests: finds the longest one without a search. */
import { LinkedList } from '../../collections/linked-list.js';
import type { OriginQueue } from './origin-queue.js';

export class LongestQueueIndex {
  /** Queues with as many waiting requests as the index; the last list is never empty. */
  readonly #byLength: LinkedList<OriginQueue>[] = [];

  /** Undefined if no request waits. */
  get longest(): OriginQueue | undefined {
    return this.#byLength.at(-1)?.first?.item;
  }

  /** The number of waiting requests of a queue has changed. */
  update(queue: OriginQueue): void {
    queue.rank?.list.remove(queue.rank.node);
    queue.rank = undefined;
    if (queue.waiting > 0) this.#insert(queue);
    while (this.#byLength.at(-1)?.length === 0) this.#byLength.pop();
  }

  #insert(queue: OriginQueue): void {
    while (this.#byLength.length <= queue.waiting) this.#byLength.push(new LinkedList());
    const list = this.#byLength[queue.waiting] as LinkedList<OriginQueue>;
    queue.rank = { list, node: list.push(queue) };
  }
}
