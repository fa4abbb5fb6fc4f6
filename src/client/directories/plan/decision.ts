/** What is to be done with one entry. */
import type {
  AppendAction,
  DeleteAction,
  ProblemAction,
  TouchAction,
  TransferAction,
} from '../sync-action.js';
import type { DirectoryPair } from './directory-pair.js';

export type Decision =
  /** Neither is looked at any further. `keeps`: the target has something. */
  | { readonly kind: 'ignored'; readonly keeps: boolean }
  | { readonly kind: 'problem'; readonly action: ProblemAction; readonly keeps: boolean }
  /** A file that the target has, and that is not sent. */
  | { readonly kind: 'equal'; readonly touch?: TouchAction | undefined }
  /** A newer file of the target. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'send'; readonly action: TransferAction | AppendAction; readonly isNew: boolean }
  /** A file that only the target has; `action` in the mode `'mirror'`. */
  | { readonly kind: 'extra'; readonly action?: DeleteAction | undefined }
  | { readonly kind: 'directory'; readonly child: DirectoryPair }
  /** A file of the target that a directory replaces. */
  | { readonly kind: 'replace'; readonly action: DeleteAction; readonly child: DirectoryPair };
