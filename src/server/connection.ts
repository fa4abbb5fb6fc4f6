/**
 * One connection of a server: a session whose requests become exchanges, which the strategy starts and operations serve.
 *
 *     open frame -> Exchange -> ServerStrategy.submit -> run -> Operation -> one terminal frame
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { EARLY_WINDOW_BYTES } from '../protocol/limits.js';
import { attach, onClosed } from '../session/attach.js';
import { Endpoint } from '../session/endpoint.js';
import { keepAlive } from '../session/heartbeat.js';
import type { ServerChannel } from '../session/server-channel.js';
import { ServerSession } from '../session/server-session.js';
import { Exchange } from './exchange.js';
import { chooseCodec, notACodec, type ServerSettings } from './options.js';
import { findOperation } from './operations/operations.js';
import type { Tally } from './stats.js';
import type { ServerStrategy } from './strategies/strategy.js';
import type { ConnectionInfo, RequestReport } from './reports.js';
import { Ticket, type TicketOutcome } from './ticket.js';
import type { Uploads } from './uploads.js';

/** What the owner of a connection is told. */
export interface ConnectionListener {
  /** A request has ended. */
  request(report: RequestReport): void;
  /** The connection is closed; with an error unless both sides had finished. */
  closed(error: TransferError | undefined): void;
}

export class Connection {
  readonly endpoint: Endpoint;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #duplex: Duplex | undefined;
  readonly #settings: ServerSettings;
  readonly #uploads: Uploads;
  readonly #listener: ConnectionListener;
  readonly #tally: Tally;
  readonly #session: ServerSession;
  readonly #exchanges = new Set<Exchange>();
  readonly #helloTimer: NodeJS.Timeout;

  constructor(
    settings: ServerSettings,
    tally: Tally,
    context: { id: number; duplex: Duplex | undefined; uploads: Uploads; listener: ConnectionListener },
  ) {
    this.#settings = settings;
    this.#tally = tally;
    this.#duplex = context.duplex;
    this.#uploads = context.uploads;
    this.#info = { id: context.id, ...peerOf(context.duplex), codec: undefined };
    this.#listener = context.listener;
    let outcome: TransferError | undefined;
    this.#session = new ServerSession((bytes) => chooseCodec(settings.codecs, bytes), settings.session, {
      notACodec,
      earlyWindow: (op) => (findOperation(op)?.takesBody === true ? EARLY_WINDOW_BYTES : 0),
      request: (channel, open) => this.#request(channel, open),
      opened: () => {
        clearTimeout(this.#helloTimer);
        setHeartbeat(this.#session.silence.heartbeat(settings.heartbeat));
        this.#info.codec = this.#codec.name;
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
    }, settings.helloMs);
    const setHeartbeat = keepAlive(this.endpoint, () => this.#session.ping(), settings.heartbeat);
    if (context.duplex) attach(context.duplex, this.endpoint, { stallMs: settings.stallMs });
  }

  /** What others may know of it: nothing with which they could reach into it. */
  get info(): ConnectionInfo {
    return this.#info;
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
    this.#duplex?.destroy();
  }

  #request(channel: ServerChannel, open: FrameOf<'open'>): void {
    const exchange = new Exchange(channel, open, this.#settings.stallMs);
    const ticket = new Ticket(exchange, {
      connection: this.#info.id,
      patienceMs: this.#settings.stallMs,
      serve: () => this.#serve(exchange),
      started: () => this.#tally.started(),
      settled: (outcome) => this.#settled(exchange, outcome),
    });
    this.#exchanges.add(exchange);
    this.#tally.arrived();
    this.#uploads.arrived(exchange);
    submit(this.#settings.strategy, ticket);
  }

  async #serve(exchange: Exchange): Promise<void> {
    const operation = findOperation(exchange.request.op);
    if (!operation) throw new TransferError('ENOTSUP', 'That operation is not known here.');
    const { storage, checksum, readOnlyMessage, session } = this.#settings;
    const { windowBytes } = session;
    const uploads = this.#uploads;
    const service = { storage, checksum, readOnlyMessage, windowBytes, codec: this.#codec, uploads };
    exchange.finish(await operation.run(exchange, service));
  }

  get #codec(): Codec {
    const { codec } = this.#session;
    if (!codec) throw new TypeError('A request has come before the codec is known.');
    return codec;
  }

  #settled(exchange: Exchange, { began, durationMs, error }: TicketOutcome): void {
    this.#exchanges.delete(exchange);
    this.#uploads.left(exchange);
    this.#tally.settled({ began, error });
    const { op: operation, path } = exchange.request;
    this.#listener.request({
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

function peerOf(duplex: Duplex | undefined): Pick<ConnectionInfo, 'remoteAddress' | 'remotePort'> {
  if (!(duplex instanceof Socket)) return { remoteAddress: undefined, remotePort: undefined };
  return { remoteAddress: duplex.remoteAddress, remotePort: duplex.remotePort };
}
