/** An entry of either side of a plan. */
import type { ScannedEntry } from '../scan/tree.js';

export interface KeyedEntry {
  /** The name on the server. */
  readonly key: string;
  readonly entry: ScannedEntry;
  /** Whether the other side can hold the name. */
  readonly isNamed: boolean;
}
