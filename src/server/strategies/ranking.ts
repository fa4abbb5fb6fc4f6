/** Lanes by how many requests wait in them, so that the longest is known without a look at all of them. */
import { Row, type Place } from '../../session/row.js';
import type { Lane } from './lane.js';

export class Ranking {
  /** Lanes with as many requests as the index says; the last row is never empty. */
  readonly #rows: Row<Lane>[] = [];
  readonly #ranks = new Map<Lane, { row: Row<Lane>; place: Place<Lane> }>();

  /** A lane in which as many wait as in any. */
  get longest(): Lane | undefined {
    return this.#rows.at(-1)?.first?.item;
  }

  /** Another number of requests wait in a lane. */
  changed(lane: Lane): void {
    const before = this.#ranks.get(lane);
    before?.row.remove(before.place);
    if (lane.waiting > 0) this.#enter(lane);
    else this.#ranks.delete(lane);
    while (this.#rows.at(-1)?.length === 0) this.#rows.pop();
  }

  #enter(lane: Lane): void {
    while (this.#rows.length <= lane.waiting) this.#rows.push(new Row());
    const row = this.#rows[lane.waiting] as Row<Lane>;
    this.#ranks.set(lane, { row, place: row.push(lane) });
  }
}
