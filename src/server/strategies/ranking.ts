/** Lanes by how many requests wait in them, so that the longest is known without a look at all of them. */
import { Row } from '../../collections/row.js';
import type { Lane } from './lane.js';

export class Ranking {
  /** Lanes with as many requests as the index says; the last row is never empty. */
  readonly #rows: Row<Lane>[] = [];

  /** A lane in which as many wait as in any. */
  get longest(): Lane | undefined {
    return this.#rows.at(-1)?.first?.item;
  }

  /** Another number of requests wait in a lane. */
  changed(lane: Lane): void {
    lane.rank?.row.remove(lane.rank.place);
    lane.rank = undefined;
    if (lane.waiting > 0) this.#enter(lane);
    while (this.#rows.at(-1)?.length === 0) this.#rows.pop();
  }

  #enter(lane: Lane): void {
    while (this.#rows.length <= lane.waiting) this.#rows.push(new Row());
    const row = this.#rows[lane.waiting] as Row<Lane>;
    lane.rank = { row, place: row.push(lane) };
  }
}
