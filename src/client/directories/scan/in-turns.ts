/** Loops over many items that leave the event loop time for other work. */
import { nextTurn } from '../../../clock.js';

/** Items of one turn of the event loop: some ms. */
const ITEMS_PER_TURN = 4_096;

export async function inTurns<Item>(items: Iterable<Item>, each: (item: Item) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    each(item);
    count += 1;
    if (count % ITEMS_PER_TURN === 0) await nextTurn();
  }
}
