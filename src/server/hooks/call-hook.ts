/**
 * Calls a hook for a request that waits for it.
 *
 *     callHook -> hook resolves          -> continue
 *              -> hook throws            -> its error, or EIO
 *              -> time limit             -> EIO
 *              -> cancelled, interrupted -> the error of that, at once; the hook learns it by its signal
 */
import { isKnownErrorCode, TransferError } from '../../errors.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { Exchange } from '../request/exchange.js';

export interface HookLimit {
  /** The name of the option. */
  readonly name: string;
  readonly limitMs: number;
}

/** Resolves when the hook has accepted the request; rejects with the error for the client. */
export async function callHook(
  exchange: Exchange,
  { name, limitMs }: HookLimit,
  hook: (signal: AbortSignal) => void | Promise<void>,
): Promise<void> {
  exchange.throwIfCancelled();
  const controller = new AbortController();
  let deadline: Deadline | undefined;
  let leave: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = (error: TransferError): void => {
        reject(error);
        controller.abort(error);
      };
      leave = exchange.enterHook(stop);
      deadline = new Deadline(limitMs, () => stop(hookFailure(name, timeoutOf(limitMs))));
      Promise.resolve(controller.signal)
        .then(hook)
        .catch((thrown: unknown) => {
          throw hookError(name, thrown);
        })
        // What was thrown may itself throw when it is looked at.
        .then(resolve, (error: unknown) => reject(TransferError.from(error)));
    });
  } finally {
    deadline?.stop();
    leave?.();
  }
  exchange.throwIfCancelled();
}

/** The error for the client of a hook that has thrown. */
export function hookError(name: string, thrown: unknown): TransferError {
  const code = refusalCode(thrown);
  if (code === undefined) return hookFailure(name, thrown);
  const { reason, retryable, retryAfterMs } = thrown instanceof TransferError ? thrown : defaults;
  // A client repeats a transfer after ETIMEDOUT that is retryable: it takes it for a stall of the connection.
  const isRetryable = code === 'ETIMEDOUT' ? false : retryable;
  // Without the outcome of the error, which may be of another client that the hook has used: this request is refused.
  return new TransferError(code, reason, { retryable: isRetryable, retryAfterMs, cause: thrown });
}

const defaults = { reason: undefined, retryable: undefined, retryAfterMs: undefined };

/** The code with which a hook refuses; undefined if it has failed. */
function refusalCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  const { code } = thrown;
  // Only a client cancels, and is charged for it.
  if (typeof code !== 'string' || code === 'ECANCELED') return undefined;
  if (thrown instanceof TransferError) return code;
  // The error of a system call says nothing of the request: a scanner that is not running is ECONNREFUSED.
  return isKnownErrorCode(code) && !('syscall' in thrown) ? code : undefined;
}

function hookFailure(name: string, cause: unknown): TransferError {
  return new TransferError('EIO', `The hook ${name} of the server failed.`, { retryable: false, cause });
}

function timeoutOf(limitMs: number): TransferError {
  return new TransferError('ETIMEDOUT', `The hook has not ended within ${limitMs} ms.`);
}
