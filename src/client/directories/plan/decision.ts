/** What is to be done with one entry. */
import type {
  AppendAction,
  DeleteAction,
  ProblemAction,
  RenameAction,
  TouchAction,
  TransferAction,
} from '../sync-action.js';
import type { ScannedEntry } from '../scan/tree.js';
import type { DirectoryPair } from './directory-pair.js';
import type { EntryPaths } from './plan-context.js';

/** A file of the target whose content the plan leaves in place until it deletes. */
export interface TargetFile extends EntryPaths {
  readonly entry: ScannedEntry;
  /** Whether the plan deletes it. */
  readonly isExtra: boolean;
}

export type Decision =
  /** Neither is looked at any further. `keeps`: the target has something. */
  | { readonly kind: 'ignored'; readonly keeps: boolean }
  | { readonly kind: 'problem'; readonly action: ProblemAction; readonly keeps: boolean }
  /** A file that the target has, and that is not sent. */
  | { readonly kind: 'equal'; readonly touch?: TouchAction | undefined; readonly file: TargetFile }
  /** A newer file of the target. */
  | { readonly kind: 'kept' }
  | {
      readonly kind: 'send';
      readonly action: TransferAction | AppendAction;
      readonly isNew: boolean;
    }
  /** A file that only the target has; `action` in the mode `'mirror'`. */
  | { readonly kind: 'extra'; readonly action?: DeleteAction | undefined; readonly file: TargetFile }
  | { readonly kind: 'directory'; readonly child: DirectoryPair }
  /** A file of the target that a directory replaces. */
  | { readonly kind: 'replace'; readonly action: DeleteAction; readonly child: DirectoryPair };

/** A decision, and the rename of an entry of the target to the case of the source. */
export interface EntryDecision {
  readonly decision: Decision;
  readonly rename?: RenameAction | undefined;
}
