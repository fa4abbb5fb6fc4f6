/** Errors about local files. Their messages name the file, because it is the caller's own. */
import { errorTable, isKnownErrorCode, TransferError, type KnownErrorCode } from '../../errors.js';

export function localError(
  code: KnownErrorCode,
  localPath: string,
  { meaning = errorTable[code].meaning, cause }: { meaning?: string; cause?: unknown } = {},
): TransferError {
  return new TransferError(code, `The local file '${localPath}': ${meaning}`, { cause });
}

/** Awaits a call of the file system, and converts its error with `toLocalError`. */
export async function withLocalPath<Value>(localPath: string, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (cause) {
    throw toLocalError(localPath, cause);
  }
}

/** Converts an error of the file system to a TransferError about a local file. */
export function toLocalError(localPath: string, cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause;
  const { code } = TransferError.from(cause);
  return localError(isKnownErrorCode(code) ? code : 'EIO', localPath, { cause });
}
