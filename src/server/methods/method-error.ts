/** What the caller of a method learns about its failure. */
import { isErrorCode, isKnownErrorCode, TransferError } from '../../errors.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { decodeValue, encodeValue } from '../../protocol/methods/json-value.js';
import type { MethodSettings } from './options.js';

/**
 * The error for the caller: with the code, the message and the details of a TransferError, or of an error whose code the
 * caller may know; otherwise EIO without details. `cause` has what was thrown, for the events of the server. Of a method
 * that runs at most once, the error is never retryable.
 */
export function methodError(thrown: unknown, { errors, idempotent }: MethodSettings): TransferError {
  const known = thrown instanceof TransferError ? thrown : undefined;
  const retryable = idempotent && known?.retryable === true;
  const { code, message, details } = partsOf(thrown);
  const isShared = code !== undefined && (known !== undefined || isKnownErrorCode(code) || errors.has(code));
  if (!isShared) return new TransferError('EIO', 'The method failed.', { retryable, cause: thrown });
  return new TransferError(code, known?.reason ?? message, { retryable, details, cause: thrown });
}

function partsOf(thrown: unknown): { code?: string; message?: string; details?: unknown } {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return {};
  const { code } = thrown;
  if (typeof code !== 'string' || !isErrorCode(code)) return {};
  const details = 'details' in thrown ? copyOfDetails(thrown.details) : undefined;
  // Messages of the system contain local paths, which peers must not see.
  const isSystem = 'syscall' in thrown;
  const message = !isSystem && thrown instanceof Error ? thrown.message : undefined;
  return { code, details, ...(message === undefined ? {} : { message }) };
}

/** What the caller gets of details, which the server may remember: undefined if they are not JSON, or too long. */
function copyOfDetails(details: unknown): unknown {
  try {
    const text = encodeValue(details, { name: 'details', maxBytes: MAX_FIELD_VALUE_BYTES });
    return text === undefined ? undefined : decodeValue(text);
  } catch {
    return undefined;
  }
}
