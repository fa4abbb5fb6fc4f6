/** Requests that are answered with one frame. */
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import type { RequestFields } from '../session/client-session.js';
import { refuseUnknown } from '../protocol/option.js';
import { callOptionNames, type CallOptions } from './abort.js';
import { Request } from './request.js';
import type { Requester } from './requester.js';

type Answer = Promise<FrameOf<'result'>>;

/** Asks for something that may be asked for again and again: it only looks, or changes nothing the second time. */
export function ask(requester: Requester, fields: RequestFields, options: CallOptions): Answer {
  return call(requester, { fields, repeatable: true }, options);
}

/** Asks for something that is done once. Rejects with `maybeDone` where it may have been done without an answer. */
export function askOnce(requester: Requester, fields: RequestFields, options: CallOptions): Answer {
  return call(requester, { fields, repeatable: false }, options);
}

function call(
  requester: Requester,
  { fields, repeatable }: { fields: RequestFields; repeatable: boolean },
  options: CallOptions,
): Answer {
  refuseUnknown(fields.op, options, callOptionNames);
  return new Promise((resolve, reject) => {
    const request = new Request(requester, {
      wants: 'nothing',
      repeatable: () => repeatable,
      fields: () => fields,
      settled: (outcome) => {
        if (!(outcome instanceof TransferError)) return resolve(outcome);
        reject(TransferError.from(outcome, { operation: fields.op, path: fields.path }));
      },
    });
    request.start(options);
  });
}
