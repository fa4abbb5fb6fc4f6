/**
 * The operation `stream`: a stream method, whose handler has a Duplex.
 *
 *     open -> rights, input -> accept -> handler(duplex) -> the rest is sent, `end` -> result
 *                                     -> handler throws, or the request is stopped -> error
 */
import { TransferError } from '../../errors.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Operation, OperationContext } from '../operations/operation.js';
import type { Exchange } from '../request/exchange.js';
import type { StreamHandler } from './stream-methods.js';

export const stream: Operation = {
  takesBody: true,
  needs: () => [],
  async run(exchange, service) {
    const { method, value, checksum } = exchange.request;
    if (method === undefined) throw new TransferError('EINVAL', 'The operation stream needs a method.');
    const handler = service.streamMethods.get(method);
    const input: unknown = value === undefined ? undefined : JSON.parse(value);
    const algorithm = checksum === undefined ? service.checksum : parseChecksumAlgorithm(checksum);
    exchange.accept({ checksum: algorithm, window: exchange.receiveWindow(service.windowBytes) });
    return serve(exchange, { handler, input, service, algorithm });
  },
};

interface StreamCall {
  readonly handler: StreamHandler;
  readonly input: unknown;
  readonly service: OperationContext;
  readonly algorithm: ReturnType<typeof parseChecksumAlgorithm>;
}

async function serve(
  exchange: Exchange,
  { handler, input, algorithm }: StreamCall,
): Promise<AnswerFields<'result'>> {
  const duplex = exchange.openDuplex(algorithm);
  const controller = new AbortController();
  duplex.onStop = (error) => controller.abort(error);
  try {
    const context = { signal: controller.signal };
    const output = await duplex.outputOf((async () => handler(duplex, input, context))());
    const value = output === undefined ? undefined : JSON.stringify(output);
    await duplex.complete();
    return { value };
  } catch (thrown) {
    // The handler may have failed because its stream was destroyed.
    exchange.throwIfCancelled();
    throw TransferError.from(thrown);
  } finally {
    duplex.close();
  }
}
