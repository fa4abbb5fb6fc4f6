import type { SyncAction } from '../sync-action.js';

/** A plan: steps in the order in which they are carried out. */
export type SyncActions = Iterable<SyncAction> | AsyncIterable<SyncAction>;
