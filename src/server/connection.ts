/**
 * One connection of a server: a session whose requests become exchanges, which the strategy starts and operations serve.
 *
 *     open frame -> Exchange -> ServerStrategy.submit -> run -> Operation -> one terminal frame
 */
import type { Duplex } from 'node:stream';
import type { Codec } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { CANCEL_BURST, CANCELS_PER_SECOND, EARLY_WINDOW_BYTES } from '../protocol/limits.js';
import { onClosed } from '../session/attach.js';
import { Endpoint, type RateLimits } from '../session/endpoint.js';
import { keepAlive } from '../session/heartbeat.js';
import type { ServerChannel } from '../session/server-channel.js';
import { ServerSession } from '../session/server-session.js';
import type { Access } from './access/access.js';
import { Allowance } from './allowance.js';
import { Carrier } from './carrier.js';
import { ChunkBuffers } from './chunk-buffers.js';
import { chunkBytes } from './chunk-size.js';
import type { ConnectionContext, Shared } from './connection-context.js';
import { Exchange, overBudget } from './exchange.js';
import { chooseCodec, notACodec } from './options.js';
import { findOperation } from './operations/operations.js';
import { originOf, peerOf, type Peer } from './peer.js';
import { ReceiveBudget, ReceiveShare } from './receive-budget.js';
import type { ConnectionInfo } from './reports.js';
import { submit } from './submitting.js';
import { Ticket, type TicketOutcome } from './ticket.js';
import type { TlsGate } from './tls-gate.js';

export class Connection {
  readonly endpoint: Endpoint;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #context: ConnectionContext;
  readonly #shared: Shared;
  readonly #session: ServerSession;
  readonly #exchanges = new Set<Exchange>();
  readonly #cancels = new Allowance({ burst: CANCEL_BURST, perSecond: CANCELS_PER_SECOND });
  readonly #receiveBudget: ReceiveBudget;
  readonly #buffers: ChunkBuffers;
  readonly #origin: string;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #carrier: Carrier;
  #peer: Peer;
  #refusal: TransferError | undefined;
  #access: Access | undefined;

  constructor(shared: Shared, context: ConnectionContext) {
    const { settings } = shared;
    this.#shared = shared;
    this.#context = context;
    this.#peer = context.peer;
    this.#refusal = context.refusal;
    this.#info = infoOf(context);
    this.#origin = originOf(context.peer, context.id);
    const originBudget = shared.receiveBudget.of(this.#origin);
    this.#receiveBudget = new ReceiveBudget(settings.receiveBytesPerConnection, originBudget);
    let outcome: TransferError | undefined;
    this.#session = new ServerSession((bytes) => chooseCodec(settings.codecs, bytes), settings.session, {
      notACodec: () => notACodec(this.#refusal),
      login: (hello) => this.#login(hello),
      earlyWindow: (op) => (findOperation(op)?.takesBody === true ? EARLY_WINDOW_BYTES : 0),
      request: (channel, open) => this.#request(channel, open),
      opened: () => {
        clearTimeout(this.#helloTimer);
        setHeartbeat(this.#session.silence.heartbeat(settings.heartbeat));
        this.#info.codec = this.#codec.name;
        this.#welcomed();
      },
      ended: (error) => {
        clearTimeout(this.#helloTimer);
        outcome = error;
      },
    });
    this.endpoint = endpointOf(this.#session, shared.bandwidths.ofConnection());
    this.#buffers = new ChunkBuffers(this.endpoint);
    onClosed(
      this.endpoint,
      () => this.#carrier.duplex,
      () => context.listener.closed(outcome),
    );
    this.#helloTimer = setTimeout(() => this.refuse(noHello()), settings.helloMs);
    const setHeartbeat = keepAlive(this.endpoint, () => this.#session.ping(), settings.heartbeat);
    this.#carrier = new Carrier(this.endpoint, settings.stallMs);
    this.#begin(context);
  }

  /** What others may know of it: nothing with which they could reach into it. */
  get info(): ConnectionInfo {
    return this.#info;
  }

  /** Ends it with an error as its last word, whatever runs. */
  refuse(error: TransferError): void {
    if (this.#carrier.isBehindGate) this.destroy(error);
    else this.#session.fail(error);
  }

  /** Takes no new requests, and ends when those that run have ended. */
  drain(): void {
    this.#session.drain();
    if (this.#carrier.isBehindGate) this.destroy();
  }

  /** Ends all requests with an error, but leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const exchange of this.#exchanges) exchange.interrupt(error);
  }

  /** Ends it now. */
  destroy(error?: TransferError): void {
    this.endpoint.destroy(error);
    this.#carrier.destroy();
  }

  #begin({ duplex, gate }: ConnectionContext): void {
    if (gate && duplex) void this.#enter(gate, duplex);
    else if (duplex) this.#carrier.join(duplex);
  }

  /** Lets it come in by the gate. What it is refused for there, it is told when it says hello. */
  async #enter(gate: TlsGate, duplex: Duplex): Promise<void> {
    const { refusal, listener } = this.#context;
    this.#carrier.hold(duplex);
    try {
      const passed = await gate.pass(duplex, refusal);
      this.#peer = peerOf(passed.duplex);
      this.#info.encrypted = this.#peer.encrypted;
      this.#refusal = passed.refusal;
      this.#carrier.join(passed.duplex);
      if (passed.refusal && !refusal) listener.turnedAway(passed.refusal);
    } catch (thrown) {
      const error = TransferError.from(thrown);
      // Who has only gone away was not turned away.
      if (!refusal && !this.endpoint.destroyed && error.code !== 'ECONNRESET') listener.turnedAway(error);
      this.destroy(error);
    }
  }

  #login(hello: FrameOf<'hello'>): Promise<void> | undefined {
    if (this.#refusal) throw this.#refusal;
    const login = this.#shared.door.login(hello, this.#peer, this.#context.listener);
    if (login instanceof Promise) return login.then((access) => this.#admit(access));
    this.#admit(login);
    return undefined;
  }

  #admit(access: Access): void {
    const { identity } = access;
    const { bandwidths } = this.#shared;
    this.#access = access;
    this.#info.user = identity?.name;
    this.endpoint.limit(bandwidths.ofServer);
    if (!identity || this.endpoint.closed) return;
    this.endpoint.limit(bandwidths.enter(identity));
    this.endpoint.once('close', () => bandwidths.leave(identity));
  }

  #welcomed(): void {
    const { listener } = this.#context;
    listener.welcomed();
    if (this.#access?.identity) listener.admitted(this.#access.identity);
  }

  #request(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { settings, tally, uploads } = this.#shared;
    const { stallMs, minBytesPerSecond } = settings;
    const takesBody = findOperation(open.op)?.takesBody === true;
    const share = new ReceiveShare(this.#receiveBudget, reserveBytes(settings));
    const exchange = new Exchange(channel, open, {
      share,
      uploadId: this.#uploadId(open),
      maxWindowBytes: this.#affordable(settings.session.maxWindowBytes ?? 0),
      pace: {
        stallMs,
        minBytesPerSecond,
        heldMs: () => this.#heldMs(takesBody),
        pressed: () => tally.queuedRequests > 0,
      },
    });
    const ticket = new Ticket(exchange, {
      connection: this.#info.id,
      origin: this.#origin,
      patienceMs: stallMs,
      serve: () => this.#serve(exchange),
      started: () => tally.started(),
      settled: (outcome) => this.#settled(exchange, outcome),
    });
    this.#exchanges.add(exchange);
    tally.arrived();
    uploads.arrived(exchange);
    if (takesBody && !share.takeEarly()) ticket.refuse(overBudget());
    else submit(settings.strategy, ticket);
  }

  /** How long its limits have held it up. */
  #heldMs(receiving: boolean): number {
    const { receiving: uploads, sending: downloads } = this.endpoint;
    return (receiving ? uploads : downloads)?.heldMs ?? 0;
  }

  /** Bytes of an upload that may be on their way: no more than a second's, or a cancel would wait behind them. */
  #affordable(windowBytes: number): number {
    const bytesPerSecond = this.endpoint.receiving?.bytesPerSecond ?? Infinity;
    return Math.max(EARLY_WINDOW_BYTES, Math.min(windowBytes, bytesPerSecond));
  }

  #uploadId({ op, upload }: FrameOf<'open'>): string | undefined {
    return op === 'upload' && upload !== undefined ? this.#access?.uploadId(upload) : undefined;
  }

  async #serve(exchange: Exchange): Promise<void> {
    const operation = findOperation(exchange.request.op);
    if (!operation) throw new TransferError('ENOTSUP', 'That operation is not known here.');
    const access = this.#access;
    if (!access) throw new TransferError('EAUTH');
    const { settings, tally, uploads } = this.#shared;
    const { checksum, readOnlyMessage } = settings;
    const storage = await access.storageFor(operation.needs(exchange.request), () => exchange.check());
    const service = {
      storage,
      access,
      checksum,
      readOnlyMessage,
      windowBytes: this.#affordable(settings.session.windowBytes),
      chunkBytes: chunkBytes(tally.activeRequests),
      buffers: this.#buffers,
      codec: this.#codec,
      uploads,
    };
    exchange.finish(await operation.run(exchange, service));
  }

  get #codec(): Codec {
    const { codec } = this.#session;
    if (!codec) throw new TypeError('A request has come before the codec is known.');
    return codec;
  }

  #settled(exchange: Exchange, { began, durationMs, error }: TicketOutcome): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size === 0) this.#buffers.clear();
    exchange.release();
    this.#shared.uploads.left(exchange);
    this.#shared.tally.settled({ began, error });
    if (isStoppedByClient(exchange, error) && !this.#cancels.take()) {
      this.#session.fail(new TransferError('EFLOOD', 'Too many requests have been cancelled.'));
    }
    const { op: operation, path } = exchange.request;
    this.#context.listener.request({
      connection: this.#info,
      operation,
      path,
      bytes: exchange.bodyBytes,
      durationMs,
      error,
    });
  }
}

/** Whether the client, on this connection or another, has stopped a request: by `cancel`, or by what is not allowed. */
function isStoppedByClient(exchange: Exchange, error: TransferError | undefined): boolean {
  return error?.code === 'ECANCELED' || (exchange.isStop(error) && !exchange.isInterruption(error));
}

/** What large windows leave of a connection's budget, so that each of its channels can begin an upload. */
function reserveBytes({ session, receiveBytesPerConnection }: Shared['settings']): number {
  return Math.min(session.maxChannels * EARLY_WINDOW_BYTES, receiveBytesPerConnection / 4);
}

function noHello(): TransferError {
  return new TransferError('ETIMEDOUT', 'No hello has come in time.');
}

function infoOf({ id, peer, gate }: ConnectionContext): ConnectionInfo {
  const { address: remoteAddress, port: remotePort } = peer;
  const encrypted = gate !== undefined || peer.encrypted;
  return { id, remoteAddress, remotePort, encrypted, codec: undefined, user: undefined };
}

function endpointOf(session: ServerSession, limits: RateLimits): Endpoint {
  const endpoint = new Endpoint(session);
  endpoint.limit(limits);
  // Whoever joins it with a stream is told by that stream; without a listener here it would be an uncaught exception.
  endpoint.on('error', () => undefined);
  return endpoint;
}
