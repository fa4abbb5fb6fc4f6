/** Indexes the queues of origins by their length, so that the longest is found without visiting all of them. */
import { LinkedList } from '../../collections/linked-list.js';
import type { OriginQueue } from './origin-queue.js';

export class LongestQueueIndex {
  /** Queues by the number of their waiting requests. The last list is never empty. */
  readonly #byLength: LinkedList<OriginQueue>[] = [];

  /** A queue with the most waiting requests; undefined if no request waits. */
  get longest(): OriginQueue | undefined {
    return this.#byLength.at(-1)?.first?.item;
  }

  /** The number of waiting requests of a queue has changed. */
  changed(queue: OriginQueue): void {
    queue.rank?.list.remove(queue.rank.place);
    queue.rank = undefined;
    if (queue.waiting > 0) this.#enter(queue);
    while (this.#byLength.at(-1)?.length === 0) this.#byLength.pop();
  }

  #enter(queue: OriginQueue): void {
    while (this.#byLength.length <= queue.waiting) this.#byLength.push(new LinkedList());
    const list = this.#byLength[queue.waiting] as LinkedList<OriginQueue>;
    queue.rank = { list, place: list.push(queue) };
  }
}
