/**
 * A file server: listens, and serves files over its connections.
 *
 *     socket, or accept(duplex) -> ConnectionRegistry -> Connection: endpoint, session, exchanges -> Storage
 */
import type { AddressInfo, ListenOptions } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { TransferError } from '../errors.js';
import type { AnyMethods, SharedApi } from '../protocol/methods/shared-api.js';
import { LINGER_MS } from '../protocol/limits.js';
import { REMOTE_ROOT } from '../protocol/remote-path.js';
import { within } from '../session/close-options.js';
import { serverClosing } from '../session/goaway.js';
import { closePlan, type ClosePlan, type ServerCloseOptions } from './close-options.js';
import { Bandwidths } from './access/bandwidths.js';
import { Authenticator } from './auth/authenticator.js';
import { StorageResolver } from './access/storage-resolver.js';
import type { AcceptedSocket, ServerContext } from './connection/server-context.js';
import { ConnectionRegistry } from './connection/connection-registry.js';
import { disconnection, disconnectTarget, type DisconnectOptions } from './connection/disconnect-options.js';
import { Listener } from './connection/listener.js';
import { acceptedPeer, peerOf, type AcceptOptions } from './peer.js';
import { chooseCodec, serverSettings, type FileServerOptions } from './options.js';
import { afterHook } from './hooks/after-hook.js';
import { HttpGateway } from './http/http-gateway.js';
import { SharedReceiveBudget } from './request/receive-budget.js';
import { RequestKeepAlive } from './request/request-keep-alive.js';
import type { Identity } from './identity.js';
import { methodsOf, MethodServer } from './method-server.js';
import type { ConnectionSnapshot } from './monitoring/connection-snapshot.js';
import { ServerCounters, type ServerStats } from './monitoring/server-counters.js';
import { RequestSessions } from './sessions/request-sessions.js';
import { WatchCounts } from './watches/watch-counts.js';
import { TlsAcceptor } from './tls/tls-acceptor.js';
import { UdpPaths } from './udp/udp-paths.js';
import { UploadRegistry } from './uploads/upload-registry.js';

/**
 * A file server. Without `root` and `storage` it serves the current directory, read-only. The type parameters are the
 * interface of the methods that it shares, and the type of the identities that `authenticate` returns; without them,
 * TypeScript infers the second one from the options.
 *
 * @example
 * ```ts
 * const server = await new FileServer({ root: 'files' }).listen(2121);
 * ```
 */
export class FileServer<
  Api extends SharedApi<Api> = AnyMethods,
  IdentityType extends Identity = Identity,
> extends MethodServer<Api, IdentityType> {
  readonly #context: ServerContext;
  readonly #connections: ConnectionRegistry;
  readonly #listener: Listener;
  #tls: TlsAcceptor | undefined;
  #closing: Promise<void> | undefined;

  /** @throws TypeError if an option is wrong */
  constructor(options: FileServerOptions<IdentityType> = {}) {
    super();
    const settings = serverSettings(options);
    this.#context = {
      settings,
      chooseCodec: (bytes) => chooseCodec(settings.codecs, bytes),
      counters: new ServerCounters(),
      uploads: new UploadRegistry(settings.uploads),
      sessions: new RequestSessions(settings.sessions),
      watches: new WatchCounts(settings.watches),
      methods: methodsOf(this),
      authenticator: new Authenticator(
        settings.access,
        new StorageResolver(settings.storage, settings.access),
      ),
      receiveBudget: new SharedReceiveBudget(settings.maxBufferedBytes),
      bandwidths: new Bandwidths(settings.access.bandwidth),
      keepAlive: new RequestKeepAlive(settings.progressMs),
      udp: settings.udp && new UdpPaths(settings.udp),
      http:
        settings.http &&
        new HttpGateway(settings, (client) => this.#connections.add({ ...yours, ...client })),
      afterHook: afterHook(settings.hooks, (...failure) => void this.emit('hookError', ...failure)),
      observesRequests: () => this.#connections.observesRequests,
      onRequestStart: (request) => this.#connections.onRequestStart(request),
      onRequestEnd: (summary) => this.#connections.onRequestEnd(summary),
    };
    this.#connections = new ConnectionRegistry(this.#context, this);
    this.#tls = settings.tls && new TlsAcceptor(settings.tls, settings.http !== undefined);
    this.#listener = new Listener({
      onSocket: (duplex) => {
        const peer = peerOf(duplex);
        const isProxied = settings.proxies?.has(duplex) === true;
        this.#accept({ duplex, isOwn: true, tls: this.#tls, peer, isProxied });
      },
      onAcceptError: (error) => this.#connections.onAcceptError(error),
    });
  }

  /**
   * Listens on a port or a Unix socket. Resolves with the server itself. A server listens once.
   *
   * @param port - the port, 0 for a free one, or the path of a Unix socket. Default 2121
   * @param host - the address to listen on. Default 127.0.0.1
   * @throws TransferError with the code of the system, e.g. EADDRINUSE; ENOENT if `root` does not exist; ESHUTDOWN if the
   * server is closed
   */
  listen(port?: number | string, host?: string): Promise<this>;
  /** Listens with the options of `net.Server.listen()`. The default host is 127.0.0.1. */
  listen(options: ListenOptions): Promise<this>;
  async listen(where?: number | string | ListenOptions, host?: string): Promise<this> {
    this.#requireOpen();
    if (this.#context.settings.ownsStorage) await this.#checkRoot();
    this.#requireOpen();
    await this.#listener.listen(where, host);
    this.#requireOpen();
    this.emit('listening');
    return this;
  }

  /** `{ address, family, port }` for TCP, the path of a Unix socket, or null if the server does not listen. */
  address(): AddressInfo | string | null {
    return this.#listener.address();
  }

  /**
   * The TCP port of the server, also after `listen(0)`.
   *
   * @throws TypeError if the server does not listen on a port
   */
  get port(): number {
    const address = this.address();
    if (typeof address === 'object' && address !== null) return address.port;
    throw new TypeError('The server does not listen on a port.');
  }

  /**
   * Serves a connection of your own: a socket, a TLS socket, the stdio of a process, any Duplex of bytes. The option `tls`
   * does not apply to it.
   *
   * @param options - the address of a client that is behind a proxy of yours. Default: the address of the stream, if any
   * @throws TypeError if an option is wrong
   */
  accept(duplex: Duplex, options?: AcceptOptions): void {
    this.#accept({ ...yours, duplex, peer: acceptedPeer(duplex, options) });
  }

  /**
   * Returns a Duplex of bytes for one connection, for embedding: `pipeline(duplex, server.endpoint(), duplex)`.
   *
   * @param options - the address of the client. Default: none
   * @throws TransferError ESHUTDOWN if the server is closed; EAGAIN if `limits.maxConnections` is reached
   */
  endpoint(options?: AcceptOptions): Duplex {
    this.#requireOpen();
    const peer = acceptedPeer(undefined, options);
    const rejection = this.#connections.check(peer.address);
    if (rejection) throw rejection;
    return this.#connections.add({ ...yours, duplex: undefined, peer }).endpoint;
  }

  /**
   * Replaces the certificate of a server with the option `tls`, or other options of `tls.createSecureContext()`, such as `ca`
   * and `crl`. What is not named stays. New connections get the change; those that exist continue unchanged.
   *
   * @throws TransferError EINVAL, with the error of OpenSSL as `cause`, if a certificate or key cannot be used; ESHUTDOWN if the
   * server is closed. The server then keeps the older one.
   * @throws TypeError if the server has no option `tls`, or an option is wrong
   */
  setSecureContext(options: SecureContextOptions): void {
    this.#requireOpen();
    if (!this.#tls) throw new TypeError('setSecureContext() needs a server with the option tls.');
    this.#tls = this.#tls.withSecureContext(options);
  }

  /** Returns the counters of the server. */
  stats(): ServerStats {
    return this.#connections.stats();
  }

  /**
   * Returns the connections of the server at this moment, in the order in which they were accepted, with their requests.
   * Also those whose handshake is not complete, and those that are rejected.
   */
  connections(): ConnectionSnapshot[] {
    return this.#connections.snapshots();
  }

  /**
   * Ends connections now. Their running requests fail with ESHUTDOWN; uploads are suspended. Without `retryAfterMs`, clients
   * neither repeat the requests nor return by themselves; but a program can connect again, if its login is accepted.
   *
   * @param target - the id of a connection, or the name of an identity for all of its connections
   * @returns the number of connections that it has ended
   * @throws TypeError if an argument is wrong
   */
  disconnect(target: number | string, options: DisconnectOptions = {}): number {
    return this.#connections.disconnect(disconnectTarget(target), disconnection(options));
  }

  /**
   * Lets the process exit while the server only listens and its connections are idle or wait for the network. Applies to
   * listening and to the connections that the server accepts, not to streams passed to `accept()`. Returns the server.
   */
  unref(): this {
    return this.#setRef(false);
  }

  /** Undoes `unref()`. Returns the server. */
  ref(): this {
    return this.#setRef(true);
  }

  /**
   * Stops listening, lets running requests end within `graceMs`, ends the others with ESHUTDOWN, and resolves when no
   * connection is left. Requests that still do not end, such as methods that ignore their signal, delay it by 2 s. A server
   * that restarts says with `retryAfterMs` when its clients are to return. A second call waits for the first.
   */
  async close(options: ServerCloseOptions = {}): Promise<void> {
    const plan = closePlan(options);
    this.#closing ??= this.#close(plan);
    return this.#closing;
  }

  /**
   * Closes the server and all its connections now.
   *
   * @param error - ends the connections and their requests; the event `disconnect` has it, as a TransferError
   */
  destroy(error?: Error): void {
    this.#connections.destroy(error && TransferError.from(error));
    // No caller could handle an error of the remaining steps.
    this.close({ graceMs: 0 }).catch(() => undefined);
  }

  /** Calls `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #setRef(isRef: boolean): this {
    this.#listener.setRef(isRef);
    this.#connections.setRef(isRef);
    return this;
  }

  #requireOpen(): void {
    if (this.#closing) throw new TransferError('ESHUTDOWN', 'The server is closed.');
  }

  async #checkRoot(): Promise<void> {
    try {
      await this.#context.settings.storage.stat(REMOTE_ROOT);
    } catch (thrown) {
      // The error of a storage that is not available hides its cause from clients.
      const { code, reason } = TransferError.from(
        thrown instanceof Error ? (thrown.cause ?? thrown) : thrown,
      );
      const what = `The root directory '${this.#context.settings.rootPath ?? ''}' cannot be served: ${reason}`;
      throw new TransferError(code, what, { cause: thrown });
    }
  }

  #accept(accepted: AcceptedSocket & { duplex: Duplex }): void {
    if (!this.#closing) return void this.#connections.add(accepted);
    const { duplex } = accepted;
    duplex.on('error', () => undefined);
    duplex.destroy();
  }

  async #close(plan: ClosePlan): Promise<void> {
    const { graceMs } = plan;
    const stopped = this.#listener.close();
    const idle = this.#connections.idle();
    this.#connections.drain(plan);
    await within(graceMs, idle);
    this.#connections.interrupt(serverClosing());
    // Neither a method that ignores its signal nor a storage that never answers may keep the server from ending.
    const ended = within(LINGER_MS, idle);
    if (graceMs > 0) await ended;
    this.#connections.destroy();
    await Promise.all([stopped, ended, within(LINGER_MS, this.#connections.closed())]);
    this.#context.keepAlive.stop();
    this.#context.sessions.close();
    const { uploads, afterHook, settings } = this.#context;
    await within(LINGER_MS, Promise.all([uploads.close(), afterHook?.idle()]));
    if (settings.ownsStorage) await within(LINGER_MS, settings.storage.close?.() ?? Promise.resolve());
    this.emit('close');
  }
}

/** Streams of the program come without the options of listening sockets. */
const yours = { isOwn: false, tls: undefined, isProxied: false };
