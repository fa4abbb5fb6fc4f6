/** The path of an error that a server has sent: only a path of the request is believed. */
import { TransferError } from '../../errors.js';
import type { RequestFields } from '../client-session.js';

/** The error without its path, unless the request is about that path. Then the error is about the `path` of the request. */
export function checkedError(error: TransferError, fields: RequestFields): TransferError {
  if (error.path === undefined || isAbout(fields, error.path)) return error;
  const { code, reason, retryable, outcomeUnknown, retryAfterMs, details } = error;
  return new TransferError(code, reason, { retryable, outcomeUnknown, retryAfterMs, details });
}

function isAbout({ path, to, recursive }: RequestFields, named: string): boolean {
  if (named === path || named === to) return true;
  return recursive === true && (path === undefined || named.startsWith(`${path}/`));
}
