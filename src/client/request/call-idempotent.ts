/** Requests that are answered with one frame. */
import { TransferError, withCallStack } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestFields } from '../../session/client-session.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, type CallOptions } from './abort.js';
import { Request } from './request.js';
import type { ClientContext } from './client-context.js';

type Call = (
  context: ClientContext,
  fields: RequestFields,
  options: CallOptions,
) => Promise<FrameOf<'result'>>;

/**
 * The operations whose work does not depend on the size of a file or tree. `mkdir` may wait for a quota to be counted,
 * and `rename` for the permissions of a subtree.
 */
const SHORT: ReadonlySet<string> = new Set(['stat', 'utimes']);

/** Sends a request that may be repeated: it only reads, or changes nothing the second time. */
export const callIdempotent = caller(true);

/** Sends a request that is repeated only if no server has begun it. Rejects with `outcomeUnknown` if one may have done it. */
export const callOnce = caller(false);

function caller(isIdempotent: boolean): Call {
  return async (context, fields, options) => {
    rejectUnknownOptions(fields.op, options, callOptionNames);
    try {
      return await call(context, { fields, options, isIdempotent });
    } catch (error) {
      throw withCallStack(error);
    }
  };
}

interface CallPlan {
  readonly fields: RequestFields;
  readonly options: CallOptions;
  readonly isIdempotent: boolean;
}

function call(
  context: ClientContext,
  { fields, options, isIdempotent }: CallPlan,
): Promise<FrameOf<'result'>> {
  return new Promise((resolve, reject) => {
    const request = new Request(context, {
      wants: 'nothing',
      isIdempotent: () => isIdempotent,
      isSafe: isIdempotent,
      isShort: SHORT.has(fields.op),
      fields: () => fields,
      // A server that closes has not carried it out, and another one can.
      repeatsAfter: ({ code, retryable }) => (code === 'ESHUTDOWN' && retryable ? 'later' : 'never'),
      onEnd: (outcome) => {
        if (!(outcome instanceof TransferError)) return resolve(outcome);
        reject(TransferError.from(outcome, { operation: fields.op, path: fields.path }));
      },
    });
    request.start(options);
  });
}
