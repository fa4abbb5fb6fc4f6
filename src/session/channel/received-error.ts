/** The error that a peer has sent, as far as it can be believed. */
import { isErrorCode, protocolError, TransferError } from '../../errors.js';
import { toFieldText } from '../../protocol/fields.js';
import { decodeValue } from '../../protocol/methods/json-value.js';
import type { FrameOf } from '../../protocol/frames.js';

/** Characters of the message of an error. */
export const MAX_MESSAGE_LENGTH = 500;

/** Longest time that a peer can make this end wait before a retry, in ms. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** Throws EPROTO unless a text is the code of an error. */
export function assertErrorCode(code: string): void {
  if (!isErrorCode(code)) throw invalidCode();
}

/** Converts an `error` frame. A code that is none, or a value that is not JSON, is EPROTO; a longer message or time is cut. */
export function receivedError({
  code,
  message,
  path,
  retryable,
  retryAfter,
  value,
}: FrameOf<'error'>): TransferError {
  if (!isErrorCode(code)) return invalidCode();
  const reason = message ? toFieldText(message, MAX_MESSAGE_LENGTH) : undefined;
  const retryAfterMs = retryAfter === undefined ? undefined : Math.min(retryAfter, MAX_RETRY_AFTER_MS);
  if (value === undefined) return new TransferError(code, reason, { path, retryable, retryAfterMs });
  try {
    return new TransferError(code, reason, { path, retryable, retryAfterMs, details: decodeValue(value) });
  } catch (thrown) {
    return protocolError('The peer has sent an error with invalid details.', thrown);
  }
}

function invalidCode(): TransferError {
  return protocolError('The peer has sent an error without a valid code.');
}
