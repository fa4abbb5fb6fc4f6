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
import { attach, onClosed } from '../session/attach.js';
import { Endpoint } from '../session/endpoint.js';
import { keepAlive } from '../session/heartbeat.js';
import type { ServerChannel } from '../session/server-channel.js';
import { ServerSession } from '../session/server-session.js';
import type { Access } from './access/access.js';
import type { Door, DoorListener } from './access/door.js';
import { Allowance } from './allowance.js';
import { chunkBytes } from './chunk-size.js';
import { Exchange, overBudget } from './exchange.js';
import { chooseCodec, notACodec, type ServerSettings } from './options.js';
import { findOperation } from './operations/operations.js';
import type { Peer } from './peer.js';
import { ReceiveBudget, ReceiveShare } from './receive-budget.js';
import type { Tally } from './stats.js';
import type { ServerStrategy } from './strategies/strategy.js';
import type { ConnectionInfo, RequestReport } from './reports.js';
import { Ticket, type TicketOutcome } from './ticket.js';
import type { Uploads } from './uploads.js';

/** What the owner of a connection is told. */
export interface ConnectionListener extends DoorListener {
  /** It has been welcomed. */
  welcomed(): void;
  /** A request has ended. */
  request(report: RequestReport): void;
  /** The connection is closed; with an error unless both sides had finished. */
  closed(error: TransferError | undefined): void;
}

/** What a server's connections have in common. */
export interface Shared {
  readonly settings: ServerSettings;
  readonly tally: Tally;
  readonly uploads: Uploads;
  readonly door: Door;
  readonly receiveBudget: ReceiveBudget;
}

/** What is a connection's own. */
export interface ConnectionContext {
  readonly id: number;
  readonly duplex: Duplex | undefined;
  readonly peer: Peer;
  /** Why it is not served. */
  readonly refusal: TransferError | undefined;
  /** Milliseconds that are left for its hello. */
  readonly helloMs: number;
  readonly listener: ConnectionListener;
}

export class Connection {
  readonly endpoint: Endpoint;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #context: ConnectionContext;
  readonly #shared: Shared;
  readonly #session: ServerSession;
  readonly #exchanges = new Set<Exchange>();
  readonly #cancels = new Allowance({ burst: CANCEL_BURST, perSecond: CANCELS_PER_SECOND });
  readonly #receiveBudget: ReceiveBudget;
  readonly #helloTimer: NodeJS.Timeout;
  #access: Access | undefined;

  constructor(shared: Shared, context: ConnectionContext) {
    const { settings } = shared;
    this.#shared = shared;
    this.#context = context;
    const { address: remoteAddress, port: remotePort, encrypted } = context.peer;
    this.#info = { id: context.id, remoteAddress, remotePort, encrypted, codec: undefined, user: undefined };
    this.#receiveBudget = new ReceiveBudget(settings.receiveBytesPerConnection, shared.receiveBudget);
    let outcome: TransferError | undefined;
    this.#session = new ServerSession((bytes) => chooseCodec(settings.codecs, bytes), settings.session, {
      notACodec,
      login: (hello) => this.#login(hello),
      earlyWindow: (op) => (findOperation(op)?.takesBody === true ? EARLY_WINDOW_BYTES : 0),
      request: (channel, open) => this.#request(channel, open),
      opened: () => {
        clearTimeout(this.#helloTimer);
        setHeartbeat(this.#session.silence.heartbeat(settings.heartbeat));
        this.#info.codec = this.#codec.name;
        context.listener.welcomed();
      },
      ended: (error) => {
        clearTimeout(this.#helloTimer);
        outcome = error;
      },
    });
    this.endpoint = new Endpoint(this.#session);
    // Whoever joins it with a stream is told by that stream; without a listener here it would be an uncaught exception.
    this.endpoint.on('error', () => undefined);
    onClosed(
      this.endpoint,
      () => context.duplex,
      () => context.listener.closed(outcome),
    );
    this.#helloTimer = setTimeout(() => {
      this.#session.fail(new TransferError('ETIMEDOUT', 'No hello has come in time.'));
    }, context.helloMs);
    const setHeartbeat = keepAlive(this.endpoint, () => this.#session.ping(), settings.heartbeat);
    if (context.duplex) attach(context.duplex, this.endpoint, { stallMs: settings.stallMs });
  }

  /** What others may know of it: nothing with which they could reach into it. */
  get info(): ConnectionInfo {
    return this.#info;
  }

  /** Ends it with an error as its last word, whatever runs. */
  refuse(error: TransferError): void {
    this.#session.fail(error);
  }

  /** Takes no new requests, and ends when those that run have ended. */
  drain(): void {
    this.#session.drain();
  }

  /** Ends all requests with an error, but leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const exchange of this.#exchanges) exchange.interrupt(error);
  }

  /** Ends it now. */
  destroy(error?: TransferError): void {
    this.endpoint.destroy(error);
    this.#context.duplex?.destroy();
  }

  #login(hello: FrameOf<'hello'>): Promise<void> | undefined {
    const { refusal, peer } = this.#context;
    if (refusal) throw refusal;
    const login = this.#shared.door.login(hello, peer, this.#context.listener);
    if (login instanceof Promise) return login.then((access) => this.#admit(access));
    this.#admit(login);
    return undefined;
  }

  #admit(access: Access): void {
    this.#access = access;
    this.#info.user = access.identity?.name;
  }

  #request(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { settings, tally, uploads } = this.#shared;
    const { stallMs, minBytesPerSecond } = settings;
    const share = new ReceiveShare(this.#receiveBudget);
    const exchange = new Exchange(channel, open, {
      share,
      uploadId: this.#uploadId(open),
      pace: { stallMs, minBytesPerSecond, pressed: () => tally.queuedRequests > 0 },
    });
    const ticket = new Ticket(exchange, {
      connection: this.#info.id,
      patienceMs: stallMs,
      serve: () => this.#serve(exchange),
      started: () => tally.started(),
      settled: (outcome) => this.#settled(exchange, outcome),
    });
    this.#exchanges.add(exchange);
    tally.arrived();
    uploads.arrived(exchange);
    if (findOperation(open.op)?.takesBody === true && !share.takeEarly()) ticket.refuse(overBudget());
    else submit(settings.strategy, ticket);
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
    const { checksum, readOnlyMessage, session } = settings;
    const storage = await access.storageFor(operation.needs(exchange.request));
    const service = {
      storage,
      access,
      checksum,
      readOnlyMessage,
      windowBytes: session.windowBytes,
      chunkBytes: chunkBytes(tally.activeRequests),
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
    exchange.release();
    this.#shared.uploads.left(exchange);
    this.#shared.tally.settled({ began, error });
    if (error?.code === 'ECANCELED' && !this.#cancels.take()) {
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

/** Hands a request to a strategy; one that fails, at once or later, costs the request and nothing else. */
function submit(strategy: ServerStrategy, ticket: Ticket): void {
  const refuse = (thrown: unknown): void => {
    ticket.refuse(new TransferError('EIO', 'The server could not take the request.', { cause: thrown }));
  };
  try {
    // Nothing is to be returned, but an async function is a function, too.
    const returned: unknown = strategy.submit(ticket);
    if (returned instanceof Promise) returned.catch(refuse);
  } catch (thrown) {
    refuse(thrown);
  }
}
