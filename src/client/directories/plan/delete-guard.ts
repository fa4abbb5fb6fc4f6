/** Refuses deletes that are likely to be a mistake, before the first of them is handed out. */
import { TransferError } from '../../../errors.js';

/** Files that a mirror may always delete. */
const FREE_DELETES = 10;

/** What a mirror would do. */
export interface DeleteNumbers {
  /** Files and directories of the source. */
  readonly sourceEntries: number;
  /** Files of the target. */
  readonly targetFiles: number;
  readonly deletedFiles: number;
  readonly deletedDirectories: number;
}

/** Throws ESAFETY if the deletes are more than is safe, or more than `maxDelete`. */
export function checkDeletes(numbers: DeleteNumbers, maxDelete: number | undefined): void {
  const { sourceEntries, targetFiles, deletedFiles, deletedDirectories } = numbers;
  const deleted = deletedFiles + deletedDirectories;
  if (deleted === 0) return;
  if (maxDelete !== undefined) {
    if (deleted > maxDelete)
      throw refusal(
        `The plan would delete ${deleted} files and directories, more than the ${maxDelete} of maxDelete.`,
      );
    return;
  }
  if (sourceEntries === 0)
    throw refusal(`The source is empty, and the plan would delete ${deletedFiles} files.`);
  if (deletedFiles > FREE_DELETES && deletedFiles * 2 > targetFiles)
    throw refusal(`The plan would delete ${deletedFiles} of the ${targetFiles} files of the target.`);
}

function refusal(reason: string): TransferError {
  return new TransferError('ESAFETY', `${reason} If that is right, set the option maxDelete.`);
}
