/**
 * The operation `stream`: runs a stream method, whose handler has a Duplex.
 *
 *     open -> may the client use it? -> input -> schema -> accept -> handler(duplex) -> schema -> the rest, `end` -> result
 *                                                                 -> handler throws, or the request is stopped -> error
 */
import { TransferError } from '../../errors.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { decodeValue, encodeValue } from '../../protocol/methods/json-value.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { Operation, OperationContext, OperationResult } from '../operations/operation.js';
import type { Exchange } from '../request/exchange.js';
import type { HandlerDuplex } from '../request/handler-duplex.js';
import { CallContext } from './call-context.js';
import { methodError } from './method-error.js';
import type { StreamMethod } from './method-registry.js';
import { permittedMethod } from './permitted-method.js';
import { validated } from './standard-schema.js';

export const stream: Operation = {
  takesBody: true,
  needs: () => [],
  async run(exchange, context) {
    const { method: name, value, checksum } = exchange.request;
    const method = await permittedMethod(name, context);
    if (method.kind !== 'stream')
      throw new TransferError('EINVAL', `The method ${method.name} is no stream method: it is called.`);
    const algorithm = checksum === undefined ? context.checksum : parseChecksumAlgorithm(checksum);
    const input = await inputOf(method, value);
    exchange.accept({ checksum: algorithm, window: exchange.receiveWindow(context.windowBytes()) });
    return serve(method, input, { exchange, context, algorithm });
  },
};

interface StreamScope {
  readonly exchange: Exchange;
  readonly context: OperationContext;
  readonly algorithm: ChecksumAlgorithm;
}

/** Runs the handler. Rejects with the error for the client. */
async function serve(
  method: StreamMethod,
  input: unknown,
  { exchange, context, algorithm }: StreamScope,
): Promise<OperationResult> {
  const duplex = exchange.openDuplex(algorithm);
  const limit = timeLimit(method, duplex);
  try {
    const work = async (): Promise<unknown> =>
      method.handler(duplex, input, new CallContext(method.name, exchange, context));
    const value = await outputField(method, await duplex.outputOf(work()));
    await duplex.complete();
    return { value };
  } catch (thrown) {
    // The handler may have failed because its stream was destroyed.
    exchange.throwIfAborted();
    throw methodError(thrown, method);
  } finally {
    limit?.stop();
    duplex.close();
  }
}

function timeLimit({ timeoutMs }: StreamMethod, duplex: HandlerDuplex): Deadline | undefined {
  if (timeoutMs === undefined) return undefined;
  const reason = `The method has not ended within ${timeoutMs} ms.`;
  const onExpired = (): void => duplex.abandon(new TransferError('ETIMEDOUT', reason, { retryable: false }));
  return new Deadline(timeoutMs, onExpired).unref();
}

async function inputOf(method: StreamMethod, text: string | undefined): Promise<unknown> {
  if (text !== undefined && Buffer.byteLength(text) > MAX_FIELD_VALUE_BYTES)
    throw new TransferError('EMSGSIZE', `The input has more than ${MAX_FIELD_VALUE_BYTES} bytes as JSON.`);
  const sent = text === undefined ? undefined : decodeInput(text);
  if (!method.input) return sent;
  try {
    return await validated(method.input, sent, 'input');
  } catch (thrown) {
    throw methodError(thrown, method);
  }
}

function decodeInput(text: string): unknown {
  try {
    return decodeValue(text);
  } catch (thrown) {
    throw new TransferError('EINVAL', `The input ${(thrown as TypeError).message}.`);
  }
}

/** The output as a field: larger ones belong into the stream. */
async function outputField(method: StreamMethod, output: unknown): Promise<string | undefined> {
  try {
    const checked = method.output ? await validated(method.output, output, 'output') : output;
    const name = `output of the method ${method.name}`;
    return encodeValue(checked, { name, maxBytes: MAX_FIELD_VALUE_BYTES });
  } catch (cause) {
    if (cause instanceof TransferError && cause.code === 'EMSGSIZE') throw cause;
    throw new TransferError('EIO', 'The method failed.', { cause });
  }
}
