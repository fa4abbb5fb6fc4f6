/** Requests that are answered with one frame. */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestFields } from '../../session/client-session.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, type CallOptions } from './abort.js';
import { Request } from './request.js';
import type { ClientContext } from './client-context.js';

/** Asks for something that may be asked for again and again: it only looks, or changes nothing the second time. */
export function callIdempotent(
  requester: ClientContext,
  fields: RequestFields,
  options: CallOptions,
): Promise<FrameOf<'result'>> {
  return call(requester, { fields, isIdempotent: true }, options);
}

/** Asks for something that is done once. Rejects with `outcomeUnknown` where it may have been done without an answer. */
export function callOnce(
  requester: ClientContext,
  fields: RequestFields,
  options: CallOptions,
): Promise<FrameOf<'result'>> {
  return call(requester, { fields, isIdempotent: false }, options);
}

function call(
  requester: ClientContext,
  { fields, isIdempotent }: { fields: RequestFields; isIdempotent: boolean },
  options: CallOptions,
): Promise<FrameOf<'result'>> {
  rejectUnknownOptions(fields.op, options, callOptionNames);
  return new Promise((resolve, reject) => {
    const request = new Request(requester, {
      wants: 'nothing',
      isIdempotent: () => isIdempotent,
      isSafe: isIdempotent,
      fields: () => fields,
      onEnd: (outcome) => {
        if (!(outcome instanceof TransferError)) return resolve(outcome);
        reject(TransferError.from(outcome, { operation: fields.op, path: fields.path }));
      },
    });
    request.start(options);
  });
}
