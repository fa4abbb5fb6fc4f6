/**
 * One connection of a server.
 *
 *     AcceptedSocket -> TlsAcceptor -> Transport <=> Endpoint -> ServerSession -> login -> Authenticator -> AccessControl
 *                                                                              -> request -> RequestRouter
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import { featureNames, formatFeatures, parseFeatures } from '../../protocol/handshake/features.js';
import type { FrameOf } from '../../protocol/frames.js';
import { Endpoint } from '../../session/transport/endpoint.js';
import { KeepAlive } from '../../session/keep-alive/keep-alive.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import {
  ServerSession,
  type ServerSessionListener,
  type WelcomeExtras,
} from '../../session/server-session.js';
import { Transport } from '../../session/transport/transport.js';
import type { AccessControl } from '../access/access-control.js';
import type { AcceptedSocket, ServerContext } from './server-context.js';
import { unknownCodecReply } from '../options.js';
import { exclusiveSocketReader } from './exclusive-socket-reader.js';
import { originOf, peerOf, type Peer } from '../peer.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import type { RequestSession } from '../sessions/request-session.js';
import { RequestRouter, type RequestOrigin } from './request-router.js';
import type { TlsAcceptor } from '../tls/tls-acceptor.js';

/** Called by a connection. */
export interface ConnectionHooks {
  /** The client has logged in, or needs no login. */
  onHandshake(connection: Connection): void;
  /** The TLS handshake failed, or the client cannot be served after it. */
  onRejected(connection: Connection, error: TransferError): void;
  onLoginRejected(connection: Connection, error: TransferError, user: string | undefined): void;
  /** The connection is closed; with an error unless both sides ended it. */
  onClose(connection: Connection, error: TransferError | undefined): void;
}

export interface ConnectionContext {
  readonly id: number;
  readonly accepted: AcceptedSocket;
  readonly peer: Peer;
  /** The error with which to answer the client's hello. */
  readonly rejection: TransferError | undefined;
  readonly hooks: ConnectionHooks;
}

export class Connection implements ServerSessionListener, RequestOrigin {
  readonly endpoint: Endpoint;
  /** The key under which connections share limits. */
  readonly origin: string;
  readonly #info: { -readonly [Name in keyof ConnectionInfo]: ConnectionInfo[Name] };
  readonly #context: ConnectionContext;
  readonly #server: ServerContext;
  readonly #session: ServerSession;
  readonly #keepAlive: KeepAlive;
  readonly #transport: Transport;
  #peer: Peer;
  #rejection: TransferError | undefined;
  #access: AccessControl | undefined;
  #outcome: TransferError | undefined;
  /** Ends a login that is being checked. */
  #login: AbortController | undefined;
  #requestSession: RequestSession | undefined;
  /** Created by the first request: most connections are idle. */
  #requests: RequestRouter | undefined;

  constructor(server: ServerContext, context: ConnectionContext) {
    const { settings } = server;
    this.#server = server;
    this.#context = context;
    this.#peer = context.peer;
    this.#rejection = context.rejection;
    this.#info = infoOf(context);
    this.origin = originOf(context.peer, context.id);
    this.#session = new ServerSession(server.chooseCodec, settings.session, this);
    this.endpoint = new Endpoint(this.#session);
    this.endpoint.limit(server.bandwidths.ofConnection());
    this.#transport = new Transport(this.endpoint, {
      stallMs: settings.stallMs,
      onClose: () => context.hooks.onClose(this, this.#outcome),
    });
    this.#keepAlive = new KeepAlive(this.endpoint, this.#session, {
      keepAlive: settings.keepAlive,
      handshakeMs: settings.handshakeMs,
      onHandshakeTimeout: (hasHello) => {
        const what = hasHello ? 'The login was not checked' : 'The client sent no hello';
        this.reject(new TransferError('ETIMEDOUT', `${what} within ${settings.handshakeMs} ms.`));
      },
    });
    // During the handshake the socket alone decides whether the process stays alive.
    this.#keepAlive.unref();
    this.#attach(context.accepted);
  }

  get address(): string | undefined {
    return this.#context.peer.address;
  }

  /** The public description of the connection. */
  get info(): ConnectionInfo {
    return this.#info;
  }

  /** Sends an error to the client and closes the connection. */
  reject(error: TransferError): void {
    if (this.#transport.isHandshaking) this.destroy(error);
    else this.#session.fail(error);
  }

  /** Rejects new requests, and closes the connection after the running ones. */
  drain(): void {
    this.#session.drain();
    if (this.#transport.isHandshaking) this.destroy();
  }

  /** Ends all requests with an error, and leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    this.#requests?.interrupt(error);
  }

  /** Closes the connection now. */
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
    if (this.#peer.isLost) throw new TransferError('ECONNRESET', 'The client has reset the connection.');
    const { hooks } = this.#context;
    const onRejected = (error: TransferError): void => hooks.onLoginRejected(this, error, hello.user);
    this.#login = new AbortController();
    const { signal } = this.#login;
    const login = this.#server.authenticator.authenticate(hello, this.#peer, { onRejected, signal });
    if (login instanceof Promise) {
      this.#keepAlive.onHello();
      return login.then((access) => this.#admit(access));
    }
    this.#admit(login);
    return undefined;
  }

  unknownCodecReply(error: TransferError): Uint8Array {
    return unknownCodecReply(this.#rejection ?? (error.code === 'EPROTO' ? undefined : error));
  }

  onWelcome({ features: named, session }: FrameOf<'hello'>): WelcomeExtras {
    // A client that does not send the field, such as a person with a terminal, does not get it.
    if (named === undefined) return {};
    if (parseFeatures(named).has('session')) {
      const client = { identity: this.#access?.identity?.name, origin: this.origin };
      this.#requestSession = this.#server.sessions.enter(client, session);
    }
    return { features: formatFeatures(featureNames), session: this.#requestSession?.id };
  }

  onOpen(): void {
    this.#keepAlive.onOpen();
    this.#info.codec = this.codec.name;
    this.#context.hooks.onHandshake(this);
  }

  onEnd(error: TransferError | undefined): void {
    this.#login?.abort(error);
    this.#keepAlive.onEnd();
    this.#outcome = error;
    if (this.#requestSession) this.#server.sessions.leave(this.#requestSession);
  }

  onRequest(channel: ServerChannel, open: FrameOf<'open'>): void {
    this.#requests ??= new RequestRouter(this.#server, this);
    this.#requests.add(channel, open);
  }

  // For its requests

  get access(): AccessControl | undefined {
    return this.#access;
  }

  get requestSession(): RequestSession | undefined {
    return this.#requestSession;
  }

  get codec(): Codec {
    const { codec } = this.#session;
    if (!codec) throw new TypeError('A request arrived before the codec was detected.');
    return codec;
  }

  get isBlocked(): boolean {
    return this.#session.hasWaitingFrames;
  }

  fail(error: TransferError): void {
    this.#session.fail(error);
  }

  #attach({ duplex, isOwn, tls }: AcceptedSocket): void {
    if (tls && duplex) void this.#acceptTls(tls, duplex);
    else if (duplex) this.#transport.attach(duplex, isOwn ? exclusiveSocketReader(duplex) : undefined);
  }

  /** A client that is rejected here gets the error as the answer to its hello. */
  async #acceptTls(tls: TlsAcceptor, duplex: Duplex): Promise<void> {
    const { rejection, hooks } = this.#context;
    this.#transport.hold(duplex);
    try {
      const accepted = await tls.accept(duplex, rejection);
      this.#peer = peerOf(accepted.duplex);
      this.#info.encrypted = this.#peer.encrypted;
      this.#rejection = accepted.rejection;
      this.#transport.attach(accepted.duplex);
      if (accepted.rejection && !rejection) hooks.onRejected(this, accepted.rejection);
    } catch (thrown) {
      const error = TransferError.from(thrown);
      // A client that closed the connection was not rejected.
      if (!rejection && !this.endpoint.destroyed && error.code !== 'ECONNRESET')
        hooks.onRejected(this, error);
      this.destroy(error);
    }
  }

  #admit(access: AccessControl): void {
    const { identity } = access;
    const { bandwidths } = this.#server;
    this.#access = access;
    this.#login = undefined;
    this.#info.user = identity?.name;
    this.endpoint.limit(bandwidths.ofServer);
    if (!identity || this.endpoint.closed) return;
    this.endpoint.limit(bandwidths.enter(identity));
    this.endpoint.once('close', () => bandwidths.leave(identity));
  }
}

function infoOf({ id, peer, accepted: { tls } }: ConnectionContext): ConnectionInfo {
  const { address: remoteAddress, port: remotePort } = peer;
  const encrypted = tls !== undefined || peer.encrypted;
  return { id, remoteAddress, remotePort, encrypted, codec: undefined, user: undefined };
}
