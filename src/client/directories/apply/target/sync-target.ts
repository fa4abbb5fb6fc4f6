/** The target of a synchronisation: what carries out the actions of a plan. */
import type { TransferError } from '../../../../errors.js';
import type {
  AppendAction,
  CopyAction,
  DeleteAction,
  MakeDirectoryAction,
  RenameAction,
  SyncVersion,
  TouchAction,
  TransferAction,
} from '../../sync-action.js';
import type { ActionProgress } from '../sync-progress.js';

/** Whether an action was carried out, or its source differed from the plan twice. */
export type Carried = 'done' | 'changed';

/** Takes the outcome of a transfer. */
export type SettleTransfer = (action: TransferAction, outcome: Carried | TransferError) => void;

/**
 * Each method checks right before it changes something that the target is as the plan says: EEXIST for an entry that the plan
 * does not know, ESTALE for another version of one, ENOENT for a missing one.
 */
export interface SyncTarget {
  /**
   * Transfers small files together, and calls `settle` with the outcome of each. Returns those that need more than that, such as
   * a backup, or another attempt: nothing of them is stored, and `transfer` carries them out.
   */
  transferSmall(
    actions: readonly TransferAction[],
    settle: SettleTransfer,
  ): Promise<readonly TransferAction[]>;
  makeDirectory(action: MakeDirectoryAction): Promise<void>;
  transfer(action: TransferAction, progress: ActionProgress): Promise<Carried>;
  append(action: AppendAction, progress: ActionProgress): Promise<Carried>;
  copy(action: CopyAction): Promise<void>;
  rename(action: RenameAction): Promise<void>;
  touch(action: TouchAction): Promise<void>;
  delete(action: DeleteAction): Promise<void>;
  /** Releases everything. Does not reject. */
  close(): Promise<void>;
}

/** Whether a version is the one of the plan, by size and modification time. */
export function isVersion(
  planned: SyncVersion,
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
): boolean {
  if (planned.size !== size) return false;
  return planned.mtimeMs === undefined || Math.abs(planned.mtimeMs - mtimeMs) < 1;
}
