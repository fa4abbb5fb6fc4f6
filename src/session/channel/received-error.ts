/** The error that a peer has sent, as far as it can be believed. */
import { isErrorCode, protocolError, TransferError } from '../../errors.js';
import { toFieldText } from '../../protocol/fields.js';
import type { FrameOf } from '../../protocol/frames.js';

/** Characters of the message of an error. */
export const MAX_MESSAGE_LENGTH = 500;

/** Converts an `error` frame. A code that is none is EPROTO, and a longer message is cut. */
export function receivedError({ code, message, path, retryable }: FrameOf<'error'>): TransferError {
  if (!isErrorCode(code)) return protocolError('The peer has sent an error without a valid code.');
  const reason = message ? toFieldText(message, MAX_MESSAGE_LENGTH) : undefined;
  return new TransferError(code, reason, { path, retryable });
}
