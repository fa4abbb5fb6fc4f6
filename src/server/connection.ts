/**
 * One connection of a server: a session, whoever carries it, and what it may do. What is asked on it goes to its
 * requests (`requests.ts`), which are made with the first.
 */
import type { Duplex } from 'node:stream';
import type { Codec } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { EARLY_WINDOW_BYTES } from '../protocol/limits.js';
import { onClosed } from '../session/attach.js';
import { Endpoint, type RateLimits } from '../session/endpoint.js';
import { keepAlive } from '../session/heartbeat.js';
import type { ServerChannel } from '../session/server-channel.js';
import { ServerSession } from '../session/server-session.js';
import type { Access } from './access/access.js';
import { Carrier } from './carrier.js';
import type { ConnectionContext, Shared } from './connection-context.js';
import { chooseCodec, notACodec } from './options.js';
import { findOperation } from './operations/operations.js';
import { originOf, peerOf, type Peer } from './peer.js';
import type { ConnectionInfo } from './reports.js';
import { Requests, type RequestSource } from './requests.js';
import type { TlsGate } from './tls-gate.js';

export class Connection {
  readonly endpoint: Endpoint;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #context: ConnectionContext;
  readonly #shared: Shared;
  readonly #session: ServerSession;
  readonly #origin: string;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #carrier: Carrier;
  #peer: Peer;
  #refusal: TransferError | undefined;
  #access: Access | undefined;
  /** Made for the first: most connections are idle. */
  #requests: Requests | undefined;

  constructor(shared: Shared, context: ConnectionContext) {
    const { settings } = shared;
    this.#shared = shared;
    this.#context = context;
    this.#peer = context.peer;
    this.#refusal = context.refusal;
    this.#info = infoOf(context);
    this.#origin = originOf(context.peer, context.id);
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
    this.#requests?.interrupt(error);
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

  get #codec(): Codec {
    const { codec } = this.#session;
    if (!codec) throw new TypeError('A request has come before the codec is known.');
    return codec;
  }

  #request(channel: ServerChannel, open: FrameOf<'open'>): void {
    this.#requests ??= new Requests(this.#shared, this.#source());
    this.#requests.add(channel, open);
  }

  /** What its requests may know of it. */
  #source(): RequestSource {
    const codec = (): Codec => this.#codec;
    const access = (): Access | undefined => this.#access;
    return {
      info: this.#info,
      origin: this.#origin,
      endpoint: this.endpoint,
      get access() {
        return access();
      },
      get codec() {
        return codec();
      },
      ended: (report) => this.#context.listener.request(report),
      fail: (error) => this.#session.fail(error),
    };
  }
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
