/**
 * One connection of a server: a session, whoever carries it, and what it may do. What is asked on it goes to its
 * requests (`requests.ts`), which are made with the first.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { Endpoint } from '../../session/transport/endpoint.js';
import { KeepAlive } from '../../session/keep-alive/keep-alive.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import { ServerSession, type ServerSessionListener } from '../../session/server-session.js';
import { Transport } from '../../session/transport/transport.js';
import type { AccessControl } from '../access/access-control.js';
import type { AcceptedSocket, ServerContext } from './server-context.js';
import { unknownCodecReply } from '../options.js';
import { exclusiveSocketReader } from './exclusive-socket-reader.js';
import { originOf, peerOf, type Peer } from '../peer.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import { RequestRouter, type RequestOrigin } from './request-router.js';
import type { TlsAcceptor } from '../tls/tls-acceptor.js';

/** What a connection tells its server. */
export interface ConnectionHooks {
  /** The client has been welcomed. */
  onHandshake(connection: Connection): void;
  /** The TLS handshake has failed, or has shown that the client cannot be served. */
  onRejected(connection: Connection, error: TransferError): void;
  onLoginRejected(connection: Connection, error: TransferError, user: string | undefined): void;
  /** The connection is closed; with an error unless both sides had finished. */
  onClose(connection: Connection, error: TransferError | undefined): void;
}

/** What only this connection is given. */
export interface ConnectionContext {
  readonly id: number;
  readonly accepted: AcceptedSocket;
  readonly peer: Peer;
  /** Why it is not served. */
  readonly rejection: TransferError | undefined;
  readonly hooks: ConnectionHooks;
}

export class Connection implements ServerSessionListener, RequestOrigin {
  readonly endpoint: Endpoint;
  /** Whom it counts as where connections share something. */
  readonly origin: string;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #context: ConnectionContext;
  readonly #shared: ServerContext;
  readonly #session: ServerSession;
  readonly #keepAlive: KeepAlive;
  readonly #transport: Transport;
  #peer: Peer;
  #rejection: TransferError | undefined;
  #access: AccessControl | undefined;
  #outcome: TransferError | undefined;
  /** Made for the first: most connections are idle. */
  #requests: RequestRouter | undefined;

  constructor(shared: ServerContext, context: ConnectionContext) {
    const { settings } = shared;
    this.#shared = shared;
    this.#context = context;
    this.#peer = context.peer;
    this.#rejection = context.rejection;
    this.#info = infoOf(context);
    this.origin = originOf(context.peer, context.id);
    this.#session = new ServerSession(shared.chooseCodec, settings.session, this);
    this.endpoint = new Endpoint(this.#session);
    this.endpoint.limit(shared.bandwidths.ofConnection());
    this.#transport = new Transport(this.endpoint, {
      stallMs: settings.stallMs,
      onClose: () => context.hooks.onClose(this, this.#outcome),
    });
    this.#keepAlive = new KeepAlive(this.endpoint, this.#session, {
      keepAlive: settings.keepAlive,
      handshakeMs: settings.handshakeMs,
      onHandshakeTimeout: () => this.reject(new TransferError('ETIMEDOUT', 'No hello has come in time.')),
    });
    // During the handshake the socket alone decides whether the process stays alive.
    this.#keepAlive.unref();
    this.#begin(context.accepted);
  }

  /** The peer's address, as it is counted. */
  get address(): string | undefined {
    return this.#context.peer.address;
  }

  /** What others may know of it: nothing with which they could reach into it. */
  get info(): ConnectionInfo {
    return this.#info;
  }

  /** Ends it with an error as its last word, whatever runs. */
  reject(error: TransferError): void {
    if (this.#transport.isHandshaking) this.destroy(error);
    else this.#session.fail(error);
  }

  /** Takes no new requests, and ends when those that run have ended. */
  drain(): void {
    this.#session.drain();
    if (this.#transport.isHandshaking) this.destroy();
  }

  /** Ends all requests with an error, but leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    this.#requests?.interrupt(error);
  }

  /** Ends it now. */
  destroy(error?: TransferError): void {
    this.#transport.destroy(error);
  }

  /** Sets whether a socket that the server has accepted keeps the process alive. */
  setRef(isRef: boolean): void {
    const { duplex, isOwn } = this.#context.accepted;
    if (!isOwn || !(duplex instanceof Socket)) return;
    if (isRef) duplex.ref();
    else duplex.unref();
  }

  // For the session

  onHello(hello: FrameOf<'hello'>): Promise<void> | undefined {
    if (this.#rejection) throw this.#rejection;
    const { hooks } = this.#context;
    const onRejected = (error: TransferError): void => hooks.onLoginRejected(this, error, hello.user);
    const login = this.#shared.authenticator.authenticate(hello, this.#peer, onRejected);
    if (login instanceof Promise) return login.then((access) => this.#admit(access));
    this.#admit(login);
    return undefined;
  }

  unknownCodecReply(error: TransferError): Uint8Array {
    return unknownCodecReply(this.#rejection ?? (error.code === 'EPROTO' ? undefined : error));
  }

  onOpen(): void {
    this.#keepAlive.onOpen();
    this.#info.codec = this.codec.name;
    this.#context.hooks.onHandshake(this);
  }

  onEnd(error: TransferError | undefined): void {
    this.#keepAlive.onEnd();
    this.#outcome = error;
  }

  onRequest(channel: ServerChannel, open: FrameOf<'open'>): void {
    this.#requests ??= new RequestRouter(this.#shared, this);
    this.#requests.add(channel, open);
  }

  // For its requests

  get access(): AccessControl | undefined {
    return this.#access;
  }

  get codec(): Codec {
    const { codec } = this.#session;
    if (!codec) throw new TypeError('A request has come before the codec is known.');
    return codec;
  }

  fail(error: TransferError): void {
    this.#session.fail(error);
  }

  #begin({ duplex, isOwn, gate }: AcceptedSocket): void {
    if (gate && duplex) void this.#enter(gate, duplex);
    else if (duplex) this.#transport.attach(duplex, isOwn ? exclusiveSocketReader(duplex) : undefined);
  }

  /** Lets it come in by the gate. What it is refused for there, it is told when it says hello. */
  async #enter(gate: TlsAcceptor, duplex: Duplex): Promise<void> {
    const { rejection, hooks } = this.#context;
    this.#transport.hold(duplex);
    try {
      const passed = await gate.accept(duplex, rejection);
      this.#peer = peerOf(passed.duplex);
      this.#info.encrypted = this.#peer.encrypted;
      this.#rejection = passed.rejection;
      this.#transport.attach(passed.duplex);
      if (passed.rejection && !rejection) hooks.onRejected(this, passed.rejection);
    } catch (thrown) {
      const error = TransferError.from(thrown);
      // Who has only gone away was not turned away.
      if (!rejection && !this.endpoint.destroyed && error.code !== 'ECONNRESET')
        hooks.onRejected(this, error);
      this.destroy(error);
    }
  }

  #admit(access: AccessControl): void {
    const { identity } = access;
    const { bandwidths } = this.#shared;
    this.#access = access;
    this.#info.user = identity?.name;
    this.endpoint.limit(bandwidths.ofServer);
    if (!identity || this.endpoint.closed) return;
    this.endpoint.limit(bandwidths.enter(identity));
    this.endpoint.once('close', () => bandwidths.leave(identity));
  }
}

function infoOf({ id, peer, accepted: { gate } }: ConnectionContext): ConnectionInfo {
  const { address: remoteAddress, port: remotePort } = peer;
  const encrypted = gate !== undefined || peer.encrypted;
  return { id, remoteAddress, remotePort, encrypted, codec: undefined, user: undefined };
}
