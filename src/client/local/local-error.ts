/** Failures of the caller's own files, as errors that name the local file. */
import { errorTable, isKnownErrorCode, TransferError, type KnownErrorCode } from '../../errors.js';

/** An error about a local file. Its message names the file: it is the caller's own. */
export function localError(
  code: KnownErrorCode,
  localPath: string,
  details: { meaning?: string; cause?: unknown } = {},
): TransferError {
  const meaning = details.meaning ?? errorTable[code].meaning;
  return new TransferError(code, `The local file '${localPath}': ${meaning}`, { cause: details.cause });
}

/** The value of a promise of the file system; what it rejects with is told as an error about a local file. */
export async function withLocalPath<Value>(localPath: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    throw toLocalError(localPath, cause);
  }
}

/** What the file system has thrown, as an error about a local file. */
export function toLocalError(localPath: string, cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause;
  const { code } = TransferError.from(cause);
  return localError(isKnownErrorCode(code) ? code : 'EIO', localPath, { cause });
}
