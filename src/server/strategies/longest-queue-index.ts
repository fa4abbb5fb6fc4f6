/** Lanes by how many requests wait in them, so that the longest is known without a look at all of them. */
import { LinkedList } from '../../collections/linked-list.js';
import type { OriginQueue } from './origin-queue.js';

export class LongestQueueIndex {
  /** Lanes with as many requests as the index says; the last row is never empty. */
  readonly #rows: LinkedList<OriginQueue>[] = [];

  /** A lane in which as many wait as in any. */
  get longest(): OriginQueue | undefined {
    return this.#rows.at(-1)?.first?.item;
  }

  /** Another number of requests wait in a lane. */
  changed(lane: OriginQueue): void {
    lane.rank?.row.remove(lane.rank.place);
    lane.rank = undefined;
    if (lane.waiting > 0) this.#enter(lane);
    while (this.#rows.at(-1)?.length === 0) this.#rows.pop();
  }

  #enter(lane: OriginQueue): void {
    while (this.#rows.length <= lane.waiting) this.#rows.push(new LinkedList());
    const row = this.#rows[lane.waiting] as LinkedList<OriginQueue>;
    lane.rank = { row, place: row.push(lane) };
  }
}
