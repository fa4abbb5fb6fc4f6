/**
 * FileServer: listens, and serves files to whoever connects.
 *
 *     socket, or accept(duplex) -> ConnectionRegistry -> Connection: endpoint, session, exchanges -> Storage
 */
import { EventEmitter } from 'node:events';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';
import { LINGER_MS } from '../protocol/limits.js';
import { REMOTE_ROOT } from '../protocol/remote-path.js';
import { graceMsOf, within, type CloseOptions } from '../session/close-options.js';
import { Bandwidths } from './access/bandwidths.js';
import { Authenticator } from './auth/authenticator.js';
import { StorageResolver } from './access/storage-resolver.js';
import type { AcceptedSocket, ServerContext } from './connection/server-context.js';
import { ConnectionRegistry } from './connection/connection-registry.js';
import { Listener } from './connection/listener.js';
import { chooseCodec, serverSettings, type FileServerOptions } from './options.js';
import { SharedReceiveBudget } from './request/receive-budget.js';
import type { FileServerEvents } from './monitoring/connection-info.js';
import { ServerCounters, type ServerStats } from './monitoring/server-counters.js';
import { TlsAcceptor } from './tls/tls-acceptor.js';
import { UploadRegistry } from './uploads/upload-registry.js';

/**
 * A file server. Without `root` and `storage` it serves the current directory, read-only.
 *
 * @example
 * ```ts
 * const server = await new FileServer({ root: 'files' }).listen(2121);
 * ```
 */
export class FileServer extends EventEmitter<FileServerEvents> {
  readonly #shared: ServerContext;
  readonly #connections: ConnectionRegistry;
  readonly #listener: Listener;
  #closing: Promise<void> | undefined;

  /** @throws TypeError if an option is wrong */
  constructor(options: FileServerOptions = {}) {
    super();
    const settings = serverSettings(options);
    this.#shared = {
      settings,
      chooseCodec: (bytes) => chooseCodec(settings.codecs, bytes),
      counters: new ServerCounters(),
      uploads: new UploadRegistry(settings.uploads),
      authenticator: new Authenticator(
        settings.access,
        new StorageResolver(settings.storage, settings.access),
      ),
      receiveBudget: new SharedReceiveBudget(settings.maxBufferedBytes),
      bandwidths: new Bandwidths(settings.access.bandwidth),
      onRequestEnd: (report) => this.#connections.onRequestEnd(report),
    };
    this.#connections = new ConnectionRegistry(this.#shared, this);
    const gate = settings.tls && new TlsAcceptor(settings.tls);
    this.#listener = new Listener((socket) => this.#accept({ duplex: socket, isOwn: true, gate }));
  }

  /**
   * Listens as `net.Server` does, but on loopback unless a host is named. Resolves with the server itself.
   *
   * @param port - the port, 0 for any that is free, or the path of a Unix socket. Default 2121
   * @param host - the address to listen on. Default 127.0.0.1
   * @throws TransferError with the system's code, e.g. EADDRINUSE, or ENOENT if `root` does not exist
   */
  listen(port?: number | string, host?: string): Promise<this>;
  /** Listens with the options of `net.Server.listen`. */
  listen(options: ListenOptions): Promise<this>;
  async listen(where?: number | string | ListenOptions, host?: string): Promise<this> {
    this.#requireOpen();
    if (this.#shared.settings.ownsStorage) await this.#checkRoot();
    this.#requireOpen();
    await this.#listener.listen(where, host);
    this.#requireOpen();
    this.emit('listening');
    return this;
  }

  /** Where it listens, as `net.Server` says it: an object for TCP, a path for a Unix socket, null if it does not. */
  address(): AddressInfo | string | null {
    return this.#listener.address();
  }

  /**
   * The TCP port it listens on, also if it was free to choose one.
   *
   * @throws TypeError if it listens on none
   */
  get port(): number {
    const address = this.address();
    if (typeof address === 'object' && address !== null) return address.port;
    throw new TypeError('The server does not listen on a port.');
  }

  /**
   * Serves a connection of your own: a socket, a TLS socket, the stdio of a process, any Duplex of bytes. It is taken as
   * it is: the option `tls` is for `listen`.
   */
  accept(duplex: Duplex): void {
    this.#accept({ duplex, isOwn: false, gate: undefined });
  }

  /**
   * One connection's Duplex of bytes, for embedding: `pipeline(duplex, server.endpoint(), duplex)`.
   *
   * @throws TransferError ESHUTDOWN if the server is closed, EAGAIN if it has as many connections as it may have
   */
  endpoint(): Duplex {
    this.#requireOpen();
    const rejection = this.#connections.check(undefined);
    if (rejection) throw rejection;
    return this.#connections.add({ duplex: undefined, isOwn: false, gate: undefined }).endpoint;
  }

  /** What it has served and serves now. */
  stats(): ServerStats {
    return this.#connections.stats();
  }

  /**
   * Closes gracefully: accepts nothing new, lets running requests end within `graceMs`, cancels the others, and resolves
   * when no connection is left. A second call awaits the first.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  /** Closes now: connections are cut. */
  destroy(): void {
    this.#connections.destroy();
    // What is left to do cannot fail in a way that anybody could mend.
    this.close({ graceMs: 0 }).catch(() => undefined);
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireOpen(): void {
    if (this.#closing) throw new TransferError('ESHUTDOWN', 'The server is closed.');
  }

  async #checkRoot(): Promise<void> {
    try {
      await this.#shared.settings.storage.stat(REMOTE_ROOT);
    } catch (thrown) {
      const { code, reason } = TransferError.from(thrown);
      const what = `The root directory '${this.#shared.settings.rootPath ?? ''}' cannot be served: ${reason}`;
      throw new TransferError(code, what, { cause: thrown });
    }
  }

  #accept(accepted: AcceptedSocket & { duplex: Duplex }): void {
    if (!this.#closing) return void this.#connections.add(accepted);
    const { duplex } = accepted;
    duplex.on('error', () => undefined);
    duplex.destroy();
  }

  async #close(graceMs: number): Promise<void> {
    const stopped = this.#listener.close();
    const idle = this.#connections.idle();
    this.#connections.drain();
    await within(graceMs, idle);
    this.#connections.interrupt(new TransferError('ESHUTDOWN', 'The server is closing.'));
    if (graceMs > 0) await within(LINGER_MS, idle);
    this.#connections.destroy();
    await stopped;
    // A storage that never answers must not keep the server from ending.
    await within(LINGER_MS, idle);
    await within(LINGER_MS, this.#shared.uploads.close());
    if (this.#shared.settings.ownsStorage) await this.#shared.settings.storage.close?.();
    this.emit('close');
  }
}
