/**
 * The operation `call`: runs a method that the server shares.
 *
 *     open -> may the client call it? -> input -> schema -> handler -> schema -> output: a field, or a body
 *
 * From the call of the handler on, the call counts as carried out: whatever the handler does then is its answer.
 */
import { TransferError } from '../../errors.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { encodeValue } from '../../protocol/methods/json-value.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { Operation, OperationContext, OperationResult } from '../operations/operation.js';
import type { Exchange } from '../request/exchange.js';
import { callInput } from './call-input.js';
import { CallContext } from './call-context.js';
import { methodError } from './method-error.js';
import type { CallMethod } from './method-registry.js';
import { permittedMethod } from './permitted-method.js';
import { validated } from './standard-schema.js';

export const call: Operation = {
  // Only the input can be one, and the method runs when it is complete.
  takesBody: false,
  needs: () => [],
  async run(exchange, context) {
    const found = permittedMethod(exchange.request.method, context);
    const method = found instanceof Promise ? await found : found;
    if (method.kind !== 'call')
      throw new TransferError('EINVAL', `The method ${method.name} is a stream method: it cannot be called.`);
    const received = callInput(exchange, context.maxValueBytes);
    const sent = received instanceof Promise ? ((await received) as unknown) : received;
    const input = method.input ? await checkInput(method, sent) : sent;
    exchange.throwIfCancelled();
    const output = await carryOut(method, input, { exchange, context });
    return outputResult(output, {
      name: `output of the method ${method.name}`,
      maxBytes: context.maxValueBytes,
    });
  },
};

/** The answer that has a value: in a field if it is short, otherwise as a body. */
export function outputResult(
  output: unknown,
  rule: { readonly name: string; readonly maxBytes: number },
): OperationResult {
  const value = encodeOutput(output, rule);
  if (value === undefined) return {};
  const isShort =
    value.length * 3 <= MAX_FIELD_VALUE_BYTES || Buffer.byteLength(value) <= MAX_FIELD_VALUE_BYTES;
  return isShort ? { value } : { body: Buffer.from(value) };
}

function encodeOutput(output: unknown, rule: { name: string; maxBytes: number }): string | undefined {
  try {
    return encodeValue(output, rule);
  } catch (cause) {
    if (cause instanceof TransferError) throw cause;
    throw new TransferError('EIO', 'The method failed.', { cause });
  }
}

async function checkInput({ input: schema, errors }: CallMethod, sent: unknown): Promise<unknown> {
  if (!schema) return sent;
  try {
    return await validated(schema, sent, 'input');
  } catch (thrown) {
    // A schema that throws is a mistake of the server, unless it has thrown a TransferError. The method has not run.
    throw methodError(thrown, { ...noSettings, errors });
  }
}

const noSettings = {
  permission: 'call',
  input: undefined,
  output: undefined,
  idempotent: false,
  timeoutMs: undefined,
} as const;

interface CallScope {
  readonly exchange: Exchange;
  readonly context: OperationContext;
}

/** Runs the handler. Rejects with the error for the client. */
async function carryOut(
  method: CallMethod,
  input: unknown,
  { exchange, context }: CallScope,
): Promise<unknown> {
  const limit = method.timeoutMs === undefined ? undefined : new TimeLimit(method.timeoutMs, exchange);
  try {
    const work = method.handler(input, new CallContext(method.name, exchange, context));
    const output = await (limit ? Promise.race([work, limit.expired]) : work);
    return method.output ? await checkOutput(method, output) : output;
  } catch (thrown) {
    throw stopError(method, exchange) ?? methodError(thrown, method);
  } finally {
    limit?.end();
  }
}

async function checkOutput({ output: schema }: CallMethod, output: unknown): Promise<unknown> {
  try {
    return schema && (await validated(schema, output, 'output'));
  } catch (cause) {
    throw new TransferError('EIO', 'The method failed.', { cause });
  }
}

/** The error of a call whose handler has ended because its signal was aborted; undefined if it was not. */
function stopError({ idempotent }: CallMethod, exchange: Exchange): TransferError | undefined {
  const { abortion } = exchange;
  if (!abortion || idempotent || !exchange.isInterruption(abortion)) return abortion;
  const reason = 'The server closed while the method ran: how far it has got is not known.';
  return new TransferError('ENOTRECOVERABLE', reason, { cause: abortion });
}

/** Ends a call whose method takes too long. */
class TimeLimit {
  /** Rejects after the time. */
  readonly expired: Promise<never>;
  readonly #deadline: Deadline;

  constructor(ms: number, exchange: Exchange) {
    let reject: (error: TransferError) => void;
    this.expired = new Promise((_, onRejected) => (reject = onRejected));
    this.#deadline = new Deadline(ms, () => {
      const reason = `The method has not ended within ${ms} ms.`;
      const error = new TransferError('ETIMEDOUT', reason, { retryable: false });
      exchange.abort(error);
      reject(error);
    }).unref();
  }

  end(): void {
    this.#deadline.stop();
  }
}
