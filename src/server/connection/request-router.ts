/**
 * The requests of one connection. Each becomes an exchange, which the strategy starts and an operation serves.
 *
 *     open frame -> Exchange -> QueuedRequest -> ServerStrategy -> run -> Operation -> one terminal frame -> onRequestEnd
 */
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { CANCEL_BURST, CANCELS_PER_SECOND, INITIAL_WINDOW_BYTES } from '../../protocol/limits.js';
import type { Endpoint } from '../../session/transport/endpoint.js';
import { LinkedList } from '../../collections/linked-list.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import type { Storage } from '../../storage/storage.js';
import type { AccessControl } from '../access/access-control.js';
import { TokenBucket } from '../request/token-bucket.js';
import { SendBufferPool } from '../operations/send-buffer-pool.js';
import type { ServerContext } from './server-context.js';
import { Exchange } from '../request/exchange.js';
import type { OperationContext } from '../operations/operation.js';
import { findOperation } from '../operations/operations.js';
import { QueuedRequest, type RequestOutcome, type RequestRunner } from '../request/queued-request.js';
import { ReceiveBudget, ReceiveShare } from '../request/receive-budget.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import type { MinRateRule } from '../request/stall-timer.js';

/** The connection that requests come from. */
export interface RequestOrigin {
  readonly info: ConnectionInfo;
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** What it may do; undefined before it has been let in. */
  readonly access: AccessControl | undefined;
  /** Known when a request has come. */
  readonly codec: Codec;
  /** It has to go. */
  fail(error: TransferError): void;
}

export class RequestRouter implements RequestRunner {
  readonly connection: number;
  readonly origin: string;
  readonly cleanupTimeoutMs: number;
  readonly #shared: ServerContext;
  readonly #source: RequestOrigin;
  readonly #running = new LinkedList<QueuedRequest>();
  readonly #cancels = new TokenBucket({ burst: CANCEL_BURST, perSecond: CANCELS_PER_SECOND });
  readonly #receiveBudget: ReceiveBudget;
  readonly #buffers: SendBufferPool;
  readonly #sending: MinRateRule;
  readonly #receiving: MinRateRule;
  #service: OperationContext | undefined;

  constructor(shared: ServerContext, source: RequestOrigin) {
    const { settings, counters, receiveBudget } = shared;
    const { info, origin, endpoint } = source;
    this.connection = info.id;
    this.origin = origin;
    this.cleanupTimeoutMs = settings.stallMs;
    this.#shared = shared;
    this.#source = source;
    this.#receiveBudget = new ReceiveBudget(settings.maxBufferedBytesPerConnection, receiveBudget, origin);
    this.#buffers = new SendBufferPool(endpoint, counters);
    // With the first request the connection is under all its limits.
    const { stallMs, minBytesPerSecond } = settings;
    const rule = { stallMs, minBytesPerSecond, isContended: () => counters.queuedRequests > 0 };
    this.#sending = { ...rule, throttle: endpoint.sending };
    this.#receiving = { ...rule, throttle: endpoint.receiving };
  }

  /** Takes a request. */
  add(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { settings, counters, uploads, onRequestStart } = this.#shared;
    const handler = findOperation(open.op);
    const takesBody = handler?.takesBody === true;
    // Only the answer to a request with an offset says where its body starts.
    if (takesBody && open.offset === undefined) channel.allowEarly(INITIAL_WINDOW_BYTES);
    const share = takesBody ? this.#receiveShare() : undefined;
    const uploadId = this.#uploadId(open);
    const minRate = takesBody ? this.#receiving : this.#sending;
    const exchange = new Exchange(channel, open, { share, uploadId, minRate });
    const request = new QueuedRequest(exchange, handler, this);
    request.node = this.#running.push(request);
    counters.onQueued();
    onRequestStart({ connection: this.#source.info, operation: open.op, path: open.path });
    uploads.attach(exchange);
    if (share?.takeEarly() === false) request.reject(overBudget());
    else request.submit(settings.strategy);
  }

  /** Ends all of them with an error, but leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const { exchange } of this.#running.items()) exchange.interrupt(error);
  }

  // For each request

  async run({ exchange, handler }: QueuedRequest): Promise<void> {
    this.#shared.counters.onStart();
    if (!handler) throw new TransferError('ENOTSUP', 'That operation is not known here.');
    const { access } = this.#source;
    if (!access) throw new TransferError('EAUTH');
    const needs = handler.needs(exchange.request);
    const storage = await access.storageFor(needs, () => exchange.throwIfCancelled());
    exchange.finish(await handler.run(exchange, this.#serviceOf(storage, access)));
  }

  onEnd(request: QueuedRequest, { wasStarted, durationMs, error }: RequestOutcome): void {
    const { counters, uploads, onRequestEnd } = this.#shared;
    const { operation, path, exchange, node } = request;
    if (node) this.#running.remove(node);
    if (this.#running.length === 0) this.#buffers.rest();
    exchange.release();
    uploads.detach(exchange);
    counters.onEnd({ wasStarted, error });
    if (error && isStoppedByClient(exchange, error) && !this.#cancels.take()) {
      this.#source.fail(new TransferError('EFLOOD', 'Too many requests have been cancelled.'));
    }
    const { info: connection } = this.#source;
    onRequestEnd({ connection, operation, path, bytes: exchange.bodyBytes, durationMs, error });
  }

  #receiveShare(): ReceiveShare {
    const { session, maxBufferedBytesPerConnection } = this.#shared.settings;
    // What large windows leave of the budget, so that each channel of the connection can begin an upload.
    const reserveBytes = Math.min(
      session.maxChannels * INITIAL_WINDOW_BYTES,
      maxBufferedBytesPerConnection / 4,
    );
    return new ReceiveShare(this.#receiveBudget, reserveBytes, this.#affordable(session.maxWindowBytes ?? 0));
  }

  #uploadId({ op, upload }: FrameOf<'open'>): string | undefined {
    return op === 'upload' && upload !== undefined ? this.#source.access?.scopedUploadId(upload) : undefined;
  }

  /** Bytes of an upload that may be on their way: no more than a second's, or a cancel would wait behind them. */
  #affordable(windowBytes: number): number {
    const bytesPerSecond = this.#source.endpoint.receiving?.bytesPerSecond ?? Infinity;
    return Math.max(INITIAL_WINDOW_BYTES, Math.min(windowBytes, bytesPerSecond));
  }

  // One is enough for all requests that read, and nearly all that follow each other do the same.
  #serviceOf(storage: Storage, access: AccessControl): OperationContext {
    if (this.#service?.storage === storage) return this.#service;
    const { settings, uploads } = this.#shared;
    const { checksum, readOnlyMessage, session } = settings;
    const windowBytes = (): number => this.#affordable(session.windowBytes);
    this.#service = {
      storage,
      access,
      codec: this.#source.codec,
      buffers: this.#buffers,
      checksum,
      readOnlyMessage,
      uploads,
      // A limit of the connection can change.
      get windowBytes() {
        return windowBytes();
      },
    };
    return this.#service;
  }
}

/** Whether the client, on this connection or another, has stopped a request: by `cancel`, or by what is not allowed. */
function isStoppedByClient(exchange: Exchange, error: TransferError): boolean {
  return error.code === 'ECANCELED' || (exchange.isCancellation(error) && !exchange.isInterruption(error));
}

function overBudget(): TransferError {
  return new TransferError('EAGAIN', 'The server receives as much as it may already.');
}
