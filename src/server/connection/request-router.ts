/**
 * The requests of one connection. Each becomes an exchange that the strategy runs and an operation serves.
 *
 *     open frame -> Exchange -> QueuedRequest -> ServerStrategy -> run -> Operation -> one terminal frame -> onRequestEnd
 */
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { bodyOperations, duplexOperations, hasClientBody } from '../../protocol/body-operations.js';
import {
  CANCEL_BURST,
  CANCELS_PER_SECOND,
  DEFAULT_MAX_VALUE_BYTES,
  INITIAL_WINDOW_BYTES,
} from '../../protocol/limits.js';
import type { Endpoint } from '../../session/transport/endpoint.js';
import { LinkedList } from '../../collections/linked-list.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import type { Storage } from '../../storage/storage.js';
import type { AccessControl } from '../access/access-control.js';
import { accountOf } from '../account.js';
import { TokenBucket } from '../request/token-bucket.js';
import { sendBody } from '../request/send-body.js';
import { SendBufferPool } from '../request/send-buffer-pool.js';
import type { ServerContext } from './server-context.js';
import { BatchedHooks } from '../hooks/batched-hooks.js';
import { RequestHooks } from '../hooks/request-hooks.js';
import { Exchange } from '../request/exchange.js';
import type { OperationContext, OperationResult } from '../operations/operation.js';
import { findOperation } from '../operations/operations.js';
import { QueuedRequest, type RequestOutcome, type RequestRunner } from '../request/queued-request.js';
import { isNumbered, NumberedRequest, type NumberedContext } from '../sessions/numbered-request.js';
import type { RequestSession } from '../sessions/request-session.js';
import { ReceiveBudget, ReceiveShare } from '../request/receive-budget.js';
import type { KeepAliveLimits, RequestSource } from '../request/request-keep-alive.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import { requestStart } from '../monitoring/request-start.js';
import { requestSummary } from '../monitoring/request-summary.js';
import { requestSnapshot, type RequestSnapshot } from '../monitoring/connection-snapshot.js';
import { requestIdOf } from '../monitoring/request-id.js';
import type { MinRateRule } from '../request/stall-timer.js';

export interface RequestOrigin {
  readonly info: ConnectionInfo;
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** Undefined before the login. */
  readonly access: AccessControl | undefined;
  /** Undefined if the client has asked for none. */
  readonly requestSession: RequestSession | undefined;
  /** Detected before the first request. */
  readonly codec: Codec;
  /** Whether frames wait that the client has not taken. */
  readonly isBlocked: boolean;
  /** Closes the connection with an error. */
  fail(error: TransferError): void;
  /** The connection has had no request for some time. Another router may serve the next one. */
  onIdle(): void;
}

export class RequestRouter implements RequestRunner, RequestSource {
  readonly connection: number;
  readonly origin: string;
  readonly cleanupTimeoutMs: number;
  readonly #server: ServerContext;
  readonly #owner: RequestOrigin;
  readonly #requests = new LinkedList<QueuedRequest>();
  /** Created by the first cancelled request; kept for the connection. */
  #cancels: TokenBucket | undefined;
  readonly #receiveBudget: ReceiveBudget;
  readonly #buffers: SendBufferPool;
  readonly #sendRate: MinRateRule;
  readonly #receiveRate: MinRateRule;
  readonly #hooks: RequestHooks;
  /** Requests with a body. */
  #bodies = 0;
  #context: OperationContext | undefined;

  constructor(server: ServerContext, connection: RequestOrigin) {
    const { settings, counters, receiveBudget } = server;
    const { info, origin, endpoint } = connection;
    this.connection = info.id;
    this.origin = origin;
    this.cleanupTimeoutMs = settings.stallMs;
    this.#server = server;
    this.#owner = connection;
    this.#hooks = new RequestHooks(server, info);
    this.#receiveBudget = new ReceiveBudget(settings.maxBufferedBytesPerConnection, receiveBudget, origin);
    this.#buffers = new SendBufferPool(endpoint, counters);
    // The router is created by the first request: after the login, when the connection has all its limits.
    const { stallMs, minBytesPerSecond } = settings;
    const isContended = (): boolean => counters.queuedRequests > 0 || this.#isFull;
    // Neither spread nor with accessors: V8 would make a hidden class for each connection.
    this.#sendRate = { stallMs, minBytesPerSecond, isContended, throttle: endpoint.sending };
    this.#receiveRate = { stallMs, minBytesPerSecond, isContended, throttle: endpoint.receiving };
  }

  add(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { settings, counters, uploads, keepAlive, onRequestStart } = this.#server;
    const handler = findOperation(open.op);
    const takesBody = handler !== undefined && hasClientBody(open);
    const isDuplex = duplexOperations.has(open.op);
    // With an offset, the client learns from `accept` where its body starts.
    if (takesBody && open.offset === undefined && !isDuplex) channel.allowEarly(INITIAL_WINDOW_BYTES);
    const share = takesBody ? this.#receiveShare() : undefined;
    const uploadId = this.#uploadId(open);
    const minRate = takesBody && !isDuplex ? this.#receiveRate : this.#sendRate;
    const requestId =
      (uploadId === undefined ? this.#numberOf(open) : undefined) ??
      requestIdOf(uploadId, [this.connection, open.id]);
    const exchange = new Exchange(channel, open, { share, uploadId, requestId, minRate });
    const request = new QueuedRequest(exchange, handler, this);
    request.node = this.#requests.push(request);
    keepAlive.watch(this);
    if (bodyOperations.has(open.op)) this.#bodies += 1;
    counters.onQueued();
    onRequestStart(requestStart(this.#owner.info, exchange));
    uploads.attach(exchange);
    const hasRoom = share?.takeEarly() !== false;
    const start = (): void => (hasRoom ? request.submit(settings.strategy) : request.reject(overBudget()));
    // At once, so that whatever a client sends on the channel is ignored: it may be right for an operation of later versions.
    if (!handler) request.reject(new TransferError('ENOTSUP', `Unknown operation ${open.op}.`));
    else if (handler.isEndless?.(open)) this.#runEndless(request);
    else if (this.#isNumbered(open)) this.#numbered(request, { start, mayWait: hasRoom }).submit();
    else start();
  }

  /** Ends all requests with an error, and leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const { exchange } of this.#requests.items()) exchange.interrupt(error);
  }

  /** Ends the requests that would never end by themselves. */
  endEndless(error: TransferError): void {
    for (const { exchange, handler } of this.#requests.items())
      if (handler?.isEndless?.(exchange.request)) exchange.interrupt(error);
  }

  /** The requests that have not ended. */
  snapshots(): RequestSnapshot[] {
    return Array.from(this.#requests.items(), ({ exchange, progress }) =>
      requestSnapshot(requestStart(this.#owner.info, exchange), progress),
    );
  }

  sendKeepAlives(limits: KeepAliveLimits): boolean {
    const { servedRequests, failedRequests } = this.#server.counters;
    // To a client that does not read, acks would pile up.
    if (!this.#owner.isBlocked) {
      for (const request of this.#requests.items())
        request.sendKeepAlive(limits, servedRequests + failedRequests);
    }
    if (this.#requests.length > 0) return true;
    if (!this.#cancels) this.#owner.onIdle();
    return false;
  }

  // For each request

  async run(request: QueuedRequest): Promise<void> {
    this.#server.counters.onStart();
    const { exchange, observer } = request;
    try {
      const result = request.remembered ?? (await this.#serve(request));
      // First: the connection may be lost.
      observer?.onResult(result);
      if (result.body) await sendBody(exchange, result.body, this.#server.settings.checksum);
      else exchange.finish(result);
    } catch (thrown) {
      observer?.onFailure(TransferError.from(thrown));
      throw thrown;
    }
  }

  /** Without a turn of the strategy, which the request would never give back. */
  #runEndless(request: QueuedRequest): void {
    try {
      const leave = this.#server.watches.enter({ connection: this.connection, account: this.#account });
      void request.run().finally(leave);
    } catch (thrown) {
      request.reject(TransferError.from(thrown));
    }
  }

  get #account(): string {
    return accountOf({ identity: this.#owner.access?.identity?.name, origin: this.origin });
  }

  async #serve({ exchange, handler }: QueuedRequest): Promise<OperationResult> {
    if (!handler) throw new TransferError('ENOTSUP', `Unknown operation ${exchange.request.op}.`);
    const { access } = this.#owner;
    if (!access) throw new TransferError('EAUTH');
    const needs = handler.needs(exchange.request);
    const storage = await access.storageFor(needs, exchange);
    const allowed = this.#hooks.before(exchange, access);
    if (allowed) await allowed;
    return handler.run(exchange, this.#contextFor(storage, access));
  }

  onEnd(request: QueuedRequest, outcome: RequestOutcome): void {
    const { wasStarted, error } = outcome;
    const { counters, uploads } = this.#server;
    const { operation, exchange, node } = request;
    if (node) this.#requests.remove(node);
    if (bodyOperations.has(operation)) this.#bodies -= 1;
    if (this.#requests.length === 0) this.#buffers.rest();
    exchange.release();
    uploads.detach(exchange);
    counters.onEnd({ wasStarted, error, omitted: exchange.omitted });
    if (error && isCancelledByClient(exchange, error)) this.#countCancel();
    this.#hooks.onEnd(requestSummary(this.#owner.info, exchange, outcome), this.#owner.access);
  }

  #countCancel(): void {
    this.#cancels ??= new TokenBucket({ burst: CANCEL_BURST, perSecond: CANCELS_PER_SECOND });
    if (this.#cancels.take()) return;
    const reason = `The client cancelled, or ended by violations, more than ${CANCELS_PER_SECOND} requests per second.`;
    this.#owner.fail(new TransferError('EFLOOD', reason));
  }

  /** Whether the client has no place for another request with a body. */
  get #isFull(): boolean {
    return this.#bodies >= this.#server.settings.session.maxChannels;
  }

  #receiveShare(): ReceiveShare {
    const { session, maxBufferedBytesPerConnection } = this.#server.settings;
    // Large windows leave this part of the budget, so that each channel of the connection can start an upload.
    const reserveBytes = Math.min(
      session.maxChannels * INITIAL_WINDOW_BYTES,
      maxBufferedBytesPerConnection / 4,
    );
    const maxWindowBytes = this.#boundWindow(session.maxWindowBytes ?? 0);
    return new ReceiveShare(this.#receiveBudget, reserveBytes, maxWindowBytes);
  }

  #uploadId({ op, upload }: FrameOf<'open'>): string | undefined {
    return op === 'upload' && upload !== undefined ? this.#owner.access?.scopedUploadId(upload) : undefined;
  }

  #numbered(request: QueuedRequest, context: Omit<NumberedContext, 'session'>): NumberedRequest {
    request.exchange.outlivesConnection = true;
    return new NumberedRequest(request, { ...context, session: this.#owner.requestSession });
  }

  /** An idempotent method may run again, so that its calls need no memory. */
  #isNumbered(open: FrameOf<'open'>): boolean {
    return isNumbered(open) && this.#server.methods.find(open.method)?.idempotent !== true;
  }

  /** What the attempts of a numbered change have in common. */
  #numberOf(open: FrameOf<'open'>): string | undefined {
    const session = this.#owner.requestSession;
    return session && this.#isNumbered(open) ? `${session.digest}-${open.requestId}` : undefined;
  }

  /** Bounds an upload window to the bytes of one second: a cancel waits behind the bytes in flight. */
  #boundWindow(windowBytes: number): number {
    const bytesPerSecond = this.#owner.endpoint.receiving?.bytesPerSecond ?? Infinity;
    return Math.max(INITIAL_WINDOW_BYTES, Math.min(windowBytes, bytesPerSecond));
  }

  // Kept for the next request, which nearly always uses the same storage.
  #contextFor(storage: Storage, access: AccessControl): OperationContext {
    if (this.#context?.storage === storage) return this.#context;
    const { settings, uploads, methods } = this.#server;
    const { checksum, portableNames, readOnlyMessage, session } = settings;
    this.#context = {
      storage,
      access,
      codec: this.#owner.codec,
      buffers: this.#buffers,
      checksum,
      portableNames,
      readOnlyMessage,
      uploads,
      commitHook: this.#hooks.commitHook(access),
      batchedHooks: new BatchedHooks(this.#hooks, access),
      account: this.#account,
      methods,
      maxValueBytes: session.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES,
      connection: this.#owner.info,
      windowBytes: () => this.#boundWindow(session.windowBytes),
    };
    return this.#context;
  }
}

/** Whether the client has stopped the request: by a `cancel`, a retry on another connection, or a protocol error. */
function isCancelledByClient(exchange: Exchange, error: TransferError): boolean {
  return error.code === 'ECANCELED' || (exchange.isCancellation(error) && !exchange.isInterruption(error));
}

function overBudget(): TransferError {
  return new TransferError(
    'EAGAIN',
    'The server has no receive buffer left for another upload. Try again later.',
  );
}
