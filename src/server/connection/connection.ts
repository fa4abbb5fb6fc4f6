/**
 * One connection of a server.
 *
 *     AcceptedSocket -> header of a proxy -> TlsAcceptor -> Transport <=> Endpoint -> ServerSession -> login -> Authenticator -> AccessControl
 *                                                                              -> request -> RequestRouter
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import { offeredFeatures, parseFeatures } from '../../protocol/handshake/features.js';
import type { FrameOf } from '../../protocol/frames.js';
import { LINGER_MS } from '../../protocol/limits.js';
import { Endpoint } from '../../session/transport/endpoint.js';
import { Deadline } from '../../session/timers/deadline.js';
import { KeepAlive } from '../../session/keep-alive/keep-alive.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import {
  ServerSession,
  type ChooseCodec,
  type ServerSessionListener,
  type WelcomeExtras,
} from '../../session/server-session.js';
import { Transport, type Reader } from '../../session/transport/transport.js';
import type { AccessControl } from '../access/access-control.js';
import { ConnectedClient } from './connected-client.js';
import type { ConnectionContext } from './connection-hooks.js';
import type { AcceptedSocket, ServerContext } from './server-context.js';
import { unknownCodecReply } from '../options.js';
import { exclusiveSocketReader } from './exclusive-socket-reader.js';
import { openStream } from './open-stream.js';
import type { Peer } from '../peer.js';
import type { ConnectionInfo } from '../monitoring/connection-info.js';
import type { ConnectionSnapshot } from '../monitoring/connection-snapshot.js';
import type { RequestSession } from '../sessions/request-session.js';
import { openPath } from '../udp/open-path.js';
import { RequestRouter, type RequestOrigin } from './request-router.js';

export class Connection implements ServerSessionListener, RequestOrigin {
  readonly endpoint: Endpoint;
  /** Whether the header of a proxy has not arrived yet. */
  isAwaitingProxy: boolean;
  requestSession: RequestSession | undefined;
  readonly #context: ConnectionContext<Connection>;
  readonly #server: ServerContext;
  readonly #session: ServerSession;
  readonly #keepAlive: KeepAlive;
  readonly #transport: Transport;
  readonly #client: ConnectedClient;
  /** If it is not detected. */
  #codec: Codec | undefined;
  #rejection: TransferError | undefined;
  #access: AccessControl | undefined;
  #outcome: TransferError | undefined;
  /** Ends a login that is being checked. */
  #login: AbortController | undefined;
  /** Created by a request, and released when there is none: most connections are idle. */
  #requests: RequestRouter | undefined;

  constructor(server: ServerContext, context: ConnectionContext<Connection>) {
    const { settings } = server;
    this.#server = server;
    this.#context = context;
    this.#client = new ConnectedClient(context.id, context.accepted);
    this.isAwaitingProxy = context.accepted.isProxied;
    this.#rejection = context.rejection;
    this.#codec = context.accepted.codec;
    const chooseCodec: ChooseCodec = (bytes) => this.#codec ?? server.chooseCodec(bytes);
    this.#session = new ServerSession(chooseCodec, settings.session, this);
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
        const before = this.isAwaitingProxy ? 'The proxy sent no header' : 'The client sent no hello';
        const what = hasHello ? 'The login was not checked' : before;
        this.reject(new TransferError('ETIMEDOUT', `${what} within ${settings.handshakeMs} ms.`));
      },
    });
    // During the handshake the socket alone decides whether the process stays alive.
    this.#keepAlive.unref();
    this.#attach(context.accepted);
  }

  get address(): string | undefined {
    return this.#client.peer.address;
  }

  get origin(): string {
    return this.#client.origin;
  }

  /** The public description of the connection. */
  get info(): ConnectionInfo {
    return this.#client.info;
  }

  /** Sends an error to the client and closes the connection. */
  reject(error: TransferError): void {
    if (this.#transport.isHandshaking) this.destroy(error);
    else this.#session.fail(error);
  }

  /** Ends the connection with an error that the client gets. False if the connection is ending already. */
  disconnect(error: TransferError): boolean {
    if (this.#session.ended) return false;
    this.reject(error);
    // A client that does not read must not stay connected until it times out.
    const linger = new Deadline(LINGER_MS, () => this.destroy(error));
    this.endpoint.once('close', () => linger.stop());
    return true;
  }

  /** The connection as it is now. */
  snapshot(): ConnectionSnapshot {
    const requests = this.#requests?.snapshots() ?? [];
    return this.#client.snapshot({ session: this.#session, endpoint: this.endpoint, requests });
  }

  /** Rejects new requests, and closes the connection after the running ones. `retryAfterMs`: when the client may return. */
  drain(retryAfterMs?: number): void {
    this.#session.drain(retryAfterMs);
    // Their clients ask another server, or this one later.
    this.#requests?.endEndless(new TransferError('ESHUTDOWN'));
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
    if (this.#client.peer.isLost)
      throw new TransferError('ECONNRESET', 'The client has reset the connection.');
    const { hooks } = this.#context;
    const onRejected = (error: TransferError): void => hooks.onLoginRejected(this, error, hello.user);
    this.#login = new AbortController();
    const { signal } = this.#login;
    const login = this.#server.authenticator.authenticate(hello, this.#client.peer, { onRejected, signal });
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
      this.requestSession = this.#server.sessions.enter(client, session);
    }
    return { features: offeredFeatures(this.#server.udp !== undefined), session: this.requestSession?.id };
  }

  onOpen(agent: string | undefined): void {
    this.#keepAlive.onOpen();
    this.#client.onOpen(this.codec.name, agent);
    this.#context.hooks.onHandshake(this);
  }

  onEnd(error: TransferError | undefined): void {
    this.#login?.abort(error);
    this.#keepAlive.onEnd();
    this.#outcome = error;
    if (this.requestSession) this.#server.sessions.leave(this.requestSession);
  }

  onRequest(channel: ServerChannel, open: FrameOf<'open'>): void {
    if (open.op === 'udp') return this.#openPath(channel, open);
    this.#requests ??= new RequestRouter(this.#server, this);
    this.#requests.add(channel, open);
  }

  onInputEnd(): void {
    const reason = 'The client closed its side of the connection.';
    this.#requests?.endEndless(new TransferError('ECONNRESET', reason));
    // No report arrives any more. Without requests, the path ends with the session.
    if (this.#session.hasRequests) this.#session.path?.fail(reason);
  }

  #openPath(channel: ServerChannel, open: FrameOf<'open'>): void {
    const { isOwn, isProxied } = this.#context.accepted;
    openPath(this.#server.udp, channel, {
      open,
      session: this.#session,
      endpoint: this.endpoint,
      stream: isOwn && !isProxied ? this.#client.stream : undefined,
      onFallback: (reason) => this.#context.hooks.onFallback(this, reason),
    });
  }

  // For its requests

  get access(): AccessControl | undefined {
    return this.#access;
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

  onIdle(): void {
    this.#requests = undefined;
  }

  #attach(accepted: AcceptedSocket): void {
    const { duplex, isOwn, tls, isProxied } = accepted;
    if (!duplex) return;
    const reader = isOwn ? exclusiveSocketReader(duplex) : undefined;
    if (tls || isProxied || (isOwn && this.#server.http))
      void this.#open(duplex, accepted, tls ? undefined : reader);
    else this.#transport.attach(duplex, reader);
  }

  /** A client that is rejected here gets the error as the answer to its hello. */
  async #open(duplex: Duplex, accepted: AcceptedSocket, reader: Reader | undefined): Promise<void> {
    const { hooks } = this.#context;
    this.#transport.hold(duplex);
    try {
      const stream = await openStream(duplex, accepted, {
        rejection: this.#rejection,
        onProxyHeader: (peer, refusal) => this.#onProxyHeader(peer, refusal),
      });
      const isRejectedBefore = this.#rejection !== undefined;
      this.#client.onStream(stream.peer, stream.duplex);
      this.#rejection = stream.rejection;
      const http = accepted.isOwn ? await this.#server.http?.accept(stream, this) : undefined;
      this.#codec ??= http?.codec;
      if (http) this.#transport.attach(http.duplex);
      else this.#transport.attach(stream.duplex, reader);
      if (stream.rejection && !isRejectedBefore) hooks.onRejected(this, stream.rejection);
    } catch (thrown) {
      const error = TransferError.from(thrown);
      // A client that closed the connection was not rejected.
      if (!this.#rejection && !this.endpoint.destroyed && error.code !== 'ECONNRESET')
        hooks.onRejected(this, error);
      this.destroy(error);
    }
  }

  #onProxyHeader(peer: Peer, refusal: TransferError | undefined): TransferError | undefined {
    // Its end has been reported already.
    if (this.endpoint.destroyed) throw new TransferError('ECONNRESET');
    this.#client.onAddress(peer);
    this.isAwaitingProxy = false;
    this.#rejection = this.#context.hooks.onProxyHeader(this, refusal);
    return this.#rejection;
  }

  #admit(access: AccessControl): void {
    const { identity } = access;
    const { bandwidths } = this.#server;
    this.#access = access;
    this.#login = undefined;
    this.#client.onLogin(identity?.name);
    this.endpoint.limit(bandwidths.ofServer);
    if (!identity || this.endpoint.closed) return;
    this.endpoint.limit(bandwidths.enter(identity));
    this.endpoint.once('close', () => bandwidths.leave(identity));
  }
}
