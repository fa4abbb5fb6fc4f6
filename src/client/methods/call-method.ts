/**
 * Calls of methods that the server shares.
 *
 *     name, input -> JSON -> field or body -> Request, numbered -> result: a field, or accept and body -> JSON -> output
 */
import { protocolError, TransferError, withCallStack, withOutcome } from '../../errors.js';
import { flagOption, rejectUnknownOptions } from '../../options/option.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { decodeValue, encodeValue } from '../../protocol/methods/json-value.js';
import { methodName } from '../../protocol/methods/method-name.js';
import type { CallArguments, CallName, OutputOf } from '../../protocol/methods/shared-api.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import type { ClientContext } from '../request/client-context.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import { CallBody } from './call-body.js';
import { ReceivedValue } from './received-value.js';

/** Options of a call. */
export interface MethodCallOptions extends CallOptions {
  /**
   * Whether the method may run again if its answer was lost and the server no longer knows the call, such as after a
   * restart. Default `false`: then the call rejects with `outcomeUnknown`.
   */
  idempotent?: boolean | undefined;
}

/** The methods of a server as functions: `remote.name(input, options)` is `call('name', input, options)`. */
export type RemoteMethods<Api> = {
  readonly [Name in CallName<Api>]: RemoteMethod<Api, Name>['call'];
};

/** A method in it, not a property: then a client of an interface is also a client of any methods. */
interface RemoteMethod<Api, Name> {
  call(...args: CallArguments<Api, Name, MethodCallOptions>): Promise<OutputOf<Api, Name>>;
}

/** Times that a body which was damaged on its way is sent again. */
const MAX_DAMAGES = 2;

/** A request with a value as its answer. */
export interface ValueCall {
  readonly fields: RequestFields;
  readonly options: CallOptions;
  /** The input, if it is too large for a field. */
  readonly body?: CallBody | undefined;
  /** Whether the server carries it out once, also if it is sent again. */
  readonly isNumbered: boolean;
  readonly isIdempotent: boolean;
}

/** Calls a method. Resolves with its output. */
export async function callMethod(
  context: ClientContext,
  { name, input }: { readonly name: string; readonly input: unknown },
  { idempotent, ...options }: MethodCallOptions,
): Promise<unknown> {
  const method = methodName(name);
  rejectUnknownOptions('call', options, callOptionNames);
  const isIdempotent = flagOption('idempotent', idempotent) ?? false;
  const text = encodeValue(input, { name: 'input', maxBytes: context.maxValueBytes });
  const { checksum } = context;
  const isShort = text === undefined || text.length * 3 <= MAX_FIELD_VALUE_BYTES;
  const body =
    isShort || Buffer.byteLength(text) <= MAX_FIELD_VALUE_BYTES ? undefined : new CallBody(text, checksum);
  const value = body ? undefined : text;
  const fields = { op: 'call', size: body?.bytes.length, checksum, method, value };
  return callForValue(context, { fields, options, body, isNumbered: true, isIdempotent });
}

/** Sends a request whose answer is a value. */
export async function callForValue(context: ClientContext, plan: ValueCall): Promise<unknown> {
  try {
    return await send(context, plan);
  } catch (error) {
    throw withCallStack(error);
  }
}

function send(context: ClientContext, plan: ValueCall): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const handler = new CallHandler(context, plan, { resolve, reject });
    handler.request = new Request(context, handler);
    handler.request.start(plan.options);
  });
}

interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A class, because each closure of an object would cost as much as a field on the wire. */
class CallHandler implements RequestHandler {
  readonly wants = 'value';
  readonly isChange: boolean;
  readonly isSafe: boolean;
  request: Request | undefined;
  readonly #context: ClientContext;
  readonly #plan: ValueCall;
  readonly #promise: Settle;
  #damages = 0;
  /** The body of the answer on the latest channel. */
  #answer: ReceivedValue | undefined;

  constructor(context: ClientContext, plan: ValueCall, promise: Settle) {
    this.#context = context;
    this.#plan = plan;
    this.#promise = promise;
    this.isChange = plan.isNumbered;
    this.isSafe = plan.isIdempotent;
  }

  isIdempotent(): boolean {
    return this.#plan.isIdempotent;
  }

  fields(): RequestFields {
    return this.#plan.fields;
  }

  onStart(): void {
    this.#answer = undefined;
    this.#plan.body?.sendTo(this.request?.channel);
  }

  onAccept({ size, checksum }: FrameOf<'accept'>): void {
    const { maxValueBytes, checksum: algorithm } = this.#context;
    this.#answer = new ReceivedValue({ size, checksum }, { maxBytes: maxValueBytes, algorithm });
  }

  onReadable(): void {
    const channel = this.request?.channel;
    if (channel) this.#answer?.read(channel);
  }

  repeatsAfter({ code, retryable }: TransferError): 'now' | 'later' | 'never' {
    if (!retryable) return 'never';
    const { body } = this.#plan;
    // The server has not run the method: another one can, or the body has room later.
    if (code === 'ESHUTDOWN' || (code === 'EAGAIN' && body)) return 'later';
    return code === 'EBADMSG' && body && this.#damages++ < MAX_DAMAGES ? 'now' : 'never';
  }

  onEnd(outcome: FrameOf<'result'> | TransferError): void {
    const { resolve, reject } = this.#promise;
    const { fields, isIdempotent } = this.#plan;
    if (outcome instanceof TransferError)
      return reject(TransferError.from(outcome, { operation: fields.op }));
    try {
      resolve(this.#valueOf(outcome));
    } catch (thrown) {
      reject(withOutcome(TransferError.from(thrown, { operation: fields.op }), !isIdempotent));
    }
  }

  #valueOf(result: FrameOf<'result'>): unknown {
    const text = this.#answer ? this.#answer.finish(result) : result.value;
    if (text === undefined) return undefined;
    try {
      return decodeValue(text);
    } catch (thrown) {
      throw protocolError(`The value of the answer ${(thrown as TypeError).message}.`);
    }
  }
}
