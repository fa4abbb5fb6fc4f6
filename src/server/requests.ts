/**
 * The requests of one connection. Each becomes an exchange, which the strategy starts and an operation serves.
 *
 *     open frame -> Exchange -> ServerStrategy.submit -> run -> Operation -> one terminal frame
 */
import type { Codec } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { CANCEL_BURST, CANCELS_PER_SECOND, EARLY_WINDOW_BYTES } from '../protocol/limits.js';
import type { Endpoint } from '../session/endpoint.js';
import { Row } from '../session/row.js';
import type { ServerChannel } from '../session/server-channel.js';
import type { Storage } from '../storage/storage.js';
import type { Access } from './access/access.js';
import { Allowance } from './allowance.js';
import { ChunkBuffers } from './chunk-buffers.js';
import { chunkBytes } from './chunk-size.js';
import type { Shared } from './connection-context.js';
import { Exchange, overBudget } from './exchange.js';
import type { Service } from './operations/operation.js';
import { findOperation } from './operations/operations.js';
import { ReceiveBudget, ReceiveShare } from './receive-budget.js';
import type { ConnectionInfo, RequestReport } from './reports.js';
import { submit } from './submitting.js';
import { Ticket, type TicketOutcome, type TicketOwner } from './ticket.js';
import type { PaceRule } from './turn-clock.js';

/** The connection that requests come from. */
export interface RequestSource {
  readonly info: ConnectionInfo;
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** What it may do; undefined before it has been let in. */
  readonly access: Access | undefined;
  /** Known when a request has come. */
  readonly codec: Codec;
  /** A request has ended. */
  reported(report: RequestReport): void;
  /** It has to go. */
  fail(error: TransferError): void;
}

export class Requests {
  readonly #shared: Shared;
  readonly #source: RequestSource;
  readonly #running = new Row<Exchange>();
  readonly #cancels = new Allowance({ burst: CANCEL_BURST, perSecond: CANCELS_PER_SECOND });
  readonly #receiveBudget: ReceiveBudget;
  readonly #buffers: ChunkBuffers;
  readonly #owner: TicketOwner;
  readonly #sending: PaceRule;
  readonly #receiving: PaceRule;
  #service: ConnectionService | undefined;

  constructor(shared: Shared, source: RequestSource) {
    const { settings, tally, receiveBudget } = shared;
    const { info, origin, endpoint } = source;
    this.#shared = shared;
    this.#source = source;
    this.#receiveBudget = new ReceiveBudget(settings.receiveBytesPerConnection, receiveBudget.of(origin));
    this.#buffers = new ChunkBuffers(endpoint);
    // How long the connection's limits have held it up is nobody's wait.
    this.#sending = this.#paceRule(() => endpoint.sending?.heldMs ?? 0);
    this.#receiving = this.#paceRule(() => endpoint.receiving?.heldMs ?? 0);
    this.#owner = {
      connection: info.id,
      origin,
      patienceMs: settings.stallMs,
      serve: (exchange) => this.#serve(exchange),
      started: () => tally.started(),
      settled: (exchange, outcome) => this.#settled(exchange, outcome),
    };
  }

  /** Takes a request. */
  add(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { settings, tally, uploads } = this.#shared;
    const takesBody = findOperation(open.op)?.takesBody === true;
    const share = takesBody ? new ReceiveShare(this.#receiveBudget, reserveBytes(settings)) : undefined;
    const exchange = new Exchange(channel, open, {
      share,
      uploadId: this.#uploadId(open),
      maxWindowBytes: share ? affordable(settings.session.maxWindowBytes ?? 0, this.#source) : 0,
      pace: takesBody ? this.#receiving : this.#sending,
    });
    const ticket = new Ticket(exchange, this.#owner);
    exchange.place = this.#running.push(exchange);
    tally.arrived();
    uploads.arrived(exchange);
    if (share?.takeEarly() === false) ticket.refuse(overBudget());
    else submit(settings.strategy, ticket);
  }

  /** Ends all of them with an error, but leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const exchange of this.#running.items()) exchange.interrupt(error);
  }

  #paceRule(heldMs: () => number): PaceRule {
    const { settings, tally } = this.#shared;
    const { stallMs, minBytesPerSecond } = settings;
    return { stallMs, minBytesPerSecond, heldMs, pressed: () => tally.queuedRequests > 0 };
  }

  #uploadId({ op, upload }: FrameOf<'open'>): string | undefined {
    return op === 'upload' && upload !== undefined ? this.#source.access?.uploadId(upload) : undefined;
  }

  async #serve(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const operation = findOperation(request.op);
    if (!operation) throw new TransferError('ENOTSUP', 'That operation is not known here.');
    const { access } = this.#source;
    if (!access) throw new TransferError('EAUTH');
    const needs = operation.needs(request);
    const storage = access.storageAtOnce(needs) ?? (await access.storageFor(needs, () => exchange.check()));
    exchange.finish(await operation.run(exchange, this.#serviceOf(storage, access)));
  }

  // One is enough for all requests that read, and nearly all that follow each other do the same.
  #serviceOf(storage: Storage, access: Access): Service {
    if (this.#service?.storage !== storage) {
      this.#service = new ConnectionService(this.#shared, this.#source, {
        storage,
        access,
        buffers: this.#buffers,
      });
    }
    return this.#service;
  }

  #settled(exchange: Exchange, { began, durationMs, error }: TicketOutcome): void {
    if (exchange.place) this.#running.remove(exchange.place);
    if (this.#running.length === 0) this.#buffers.rest();
    exchange.release();
    this.#shared.uploads.left(exchange);
    this.#shared.tally.settled({ began, error });
    if (error && isStoppedByClient(exchange, error) && !this.#cancels.take()) {
      this.#source.fail(new TransferError('EFLOOD', 'Too many requests have been cancelled.'));
    }
    const { op: operation, path } = exchange.request;
    const { info: connection } = this.#source;
    this.#source.reported({ connection, operation, path, bytes: exchange.bodyBytes, durationMs, error });
  }
}

/** What the operations of one connection work with. */
class ConnectionService implements Service {
  readonly storage: Storage;
  readonly access: Access;
  readonly buffers: ChunkBuffers;
  readonly #shared: Shared;
  readonly #source: RequestSource;

  constructor(
    shared: Shared,
    source: RequestSource,
    { storage, access, buffers }: Pick<Service, 'storage' | 'access' | 'buffers'>,
  ) {
    this.#shared = shared;
    this.#source = source;
    this.storage = storage;
    this.access = access;
    this.buffers = buffers;
  }

  get codec(): Codec {
    return this.#source.codec;
  }

  get checksum(): Service['checksum'] {
    return this.#shared.settings.checksum;
  }

  get readOnlyMessage(): string {
    return this.#shared.settings.readOnlyMessage;
  }

  get uploads(): Service['uploads'] {
    return this.#shared.uploads;
  }

  get chunkBytes(): number {
    return chunkBytes(this.#shared.tally.activeRequests);
  }

  get windowBytes(): number {
    return affordable(this.#shared.settings.session.windowBytes, this.#source);
  }
}

/** Bytes of an upload that may be on their way: no more than a second's, or a cancel would wait behind them. */
function affordable(windowBytes: number, { endpoint }: RequestSource): number {
  const bytesPerSecond = endpoint.receiving?.bytesPerSecond ?? Infinity;
  return Math.max(EARLY_WINDOW_BYTES, Math.min(windowBytes, bytesPerSecond));
}

/** What large windows leave of a connection's budget, so that each of its channels can begin an upload. */
function reserveBytes({ session, receiveBytesPerConnection }: Shared['settings']): number {
  return Math.min(session.maxChannels * EARLY_WINDOW_BYTES, receiveBytesPerConnection / 4);
}

/** Whether the client, on this connection or another, has stopped a request: by `cancel`, or by what is not allowed. */
function isStoppedByClient(exchange: Exchange, error: TransferError): boolean {
  return error.code === 'ECANCELED' || (exchange.isStop(error) && !exchange.isInterruption(error));
}
