/** Failures of the caller's own files, as errors that name the local file. */
import { errorTable, isKnownErrorCode, TransferError, type KnownErrorCode } from '../errors.js';

// Codes that a file system uses and the table does not have.
const translations: Record<string, KnownErrorCode> = {
  ENXIO: 'EACCES',
  ENODEV: 'EACCES',
  EMLINK: 'ELOOP',
  EFTYPE: 'ELOOP',
  ETXTBSY: 'EBUSY',
  EOPNOTSUPP: 'ENOTSUP',
  ENOSYS: 'ENOTSUP',
};

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
export async function local<Value>(localPath: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    throw localFailure(localPath, cause);
  }
}

/** What the file system has thrown, as an error about a local file. */
export function localFailure(localPath: string, cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause;
  const { code } = TransferError.from(cause);
  return localError(isKnownErrorCode(code) ? code : (translations[code] ?? 'EIO'), localPath, { cause });
}

/** Whether something thrown has one of these codes. */
export function hasCode(thrown: unknown, ...codes: string[]): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    codes.includes(thrown.code)
  );
}

/** The value of a promise; undefined where it rejects because there is nothing of that name. */
export async function unlessMissing<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
