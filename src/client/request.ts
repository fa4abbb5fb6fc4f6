/** What the parts of a client have in common: how a request comes to a channel, and how its errors are told. */
import { TransferError } from '../errors.js';
import type { ChecksumAlgorithm } from '../protocol/checksum.js';
import type { FrameOf } from '../protocol/frames.js';
import { parseRemotePath, ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { ClientChannel, ClientChannelListener } from '../session/client-channel.js';
import type { RequestFields } from '../session/client-session.js';
import type { Codec } from '../codecs/codec.js';
import { checkNotAborted, onAbort } from './abort.js';

/** What every call takes. */
export interface CallOptions {
  /** Cancels the request: it rejects with ECANCELED (or ETIMEDOUT for `AbortSignal.timeout`). */
  signal?: AbortSignal | undefined;
}

/** Where requests go. */
export interface Requester {
  readonly codec: Codec;
  readonly checksum: ChecksumAlgorithm;
  /** Bytes of a header that the client takes. */
  readonly maxHeaderBytes: number;
  /** Opens a channel on the current connection, or on a new one. Throws ESHUTDOWN if the client is closed. */
  request(fields: RequestFields, wants: 'body' | 'nothing', listener: ClientChannelListener): ClientChannel;
}

/** The path of a request as its field: the root is said by its absence. */
export function pathField(path: RemotePath): string | undefined {
  return path === ROOT ? undefined : path;
}

/** Refuses an answer that is about another path than the one that was asked for. */
export function checkEcho(asked: RemotePath, answered: string | undefined): void {
  const path = answered === undefined ? ROOT : parseRemotePath(answered);
  if (path !== asked) throw new TransferError('EPROTO', 'The server answers for another path.');
}

/** Asks for something that is answered with one frame. */
export function call(
  requester: Requester,
  fields: RequestFields,
  { signal }: CallOptions,
): Promise<FrameOf<'result'>> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(TransferError.from(error, { operation: fields.op, path: fields.path }));
    };
    let stopListening = (): void => undefined;
    const closed = (outcome: FrameOf<'result'> | TransferError): void => {
      stopListening();
      if (outcome instanceof TransferError) fail(outcome);
      else resolve(outcome);
    };
    try {
      checkNotAborted(signal);
      const channel = requester.request(fields, 'nothing', { closed });
      stopListening = onAbort(signal, (error) => {
        fail(error);
        channel.cancel();
      });
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown;
      fail(thrown);
    }
  });
}
