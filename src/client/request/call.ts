/** Requests that are answered with one frame. */
import { TransferError, withCallStack } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { Feature } from '../../protocol/handshake/features.js';
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
const SHORT: ReadonlySet<string> = new Set(['stat', 'utimes', 'chmod']);

/** Sends a request that changes nothing. */
export const callQuery = caller({ isChange: false, isIdempotent: true });

/**
 * Sends a request that the server carries out once, also if connections are lost. Rejects with `outcomeUnknown` if the server
 * may have done it and no longer knows.
 */
export const callChange = caller({ isChange: true, isIdempotent: false });

/** Sends a request that the server carries out once, or again if it no longer knows: the second time changes nothing. */
export const callIdempotentChange = caller({ isChange: true, isIdempotent: true });

/** Asks for an upload. As an upload, it waits for `welcome`, so that it is sent behind those that were started before. */
export const callUploadStatus = caller({ isChange: false, isIdempotent: true, feature: 'upload-status' });

type CallKind = Pick<CallPlan, 'isChange' | 'isIdempotent' | 'feature'>;

function caller(kind: CallKind): Call {
  return async (context, fields, options) => {
    rejectUnknownOptions(fields.op, options, callOptionNames);
    try {
      return await call(context, { fields, options, ...kind });
    } catch (error) {
      throw withCallStack(error);
    }
  };
}

interface CallPlan {
  readonly fields: RequestFields;
  readonly options: CallOptions;
  readonly isChange: boolean;
  readonly isIdempotent: boolean;
  /** The feature that the server must have. */
  readonly feature?: Feature;
}

function call(
  context: ClientContext,
  { fields, options, isChange, isIdempotent, feature }: CallPlan,
): Promise<FrameOf<'result'>> {
  return new Promise((resolve, reject) => {
    const request = new Request(context, {
      wants: 'nothing',
      isChange,
      feature,
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
