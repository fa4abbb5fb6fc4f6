/** A plan that ends early: deletes come last, so that they are left out as well. */
import type { SyncAction } from '../../index.js';
import type { ByteBudget } from './byte-budget.js';

/** @param before - bytes that the command has transferred before this plan */
export async function* withinBytes(
  plan: AsyncIterable<SyncAction>,
  budget: ByteBudget,
  before = 0,
): AsyncGenerator<SyncAction> {
  let begun = before;
  for await (const action of plan) {
    if (action.bytes > 0 && !budget.allows(begun)) return;
    begun += action.bytes;
    yield action;
  }
}
