/**
 * FileServer: listens, and serves files to whoever connects.
 *
 *     socket, or accept(duplex) -> attach -> Connection: endpoint, session, exchanges -> Storage
 */
import { EventEmitter } from 'node:events';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';
import { LINGER_MS } from '../protocol/limits.js';
import { ROOT } from '../protocol/remote-path.js';
import { graceMsOf, within, type CloseOptions } from '../session/closing.js';
import { Bandwidths } from './access/bandwidths.js';
import type { Identity } from './access/identity.js';
import { Door } from './access/door.js';
import { Views } from './access/views.js';
import { Admission, type AdmissionBounds } from './admission.js';
import type { Entrance, Shared } from './connection-context.js';
import { publish } from './diagnostics.js';
import type { Connection } from './connection.js';
import { Listener } from './listener.js';
import { chooseCodec, serverSettings, type FileServerOptions } from './options.js';
import { SharedReceiveBudget } from './receive-budget.js';
import type { ConnectionInfo, RequestReport } from './reports.js';
import { Tally, type ServerStats } from './stats.js';
import { TlsGate } from './tls-gate.js';
import { Uploads } from './uploads.js';
import { receive, type Host, type Visit } from './visit.js';

/** The events of a {@link FileServer}, with what listeners are given. */
export interface FileServerEvents {
  /** It listens. */
  listening: [];
  /** A connection has been accepted; its codec is not known yet. */
  connection: [connection: ConnectionInfo];
  /** A connection is over; with an error unless both sides had finished. */
  disconnection: [connection: ConnectionInfo, error: TransferError | undefined];
  /** A client has been let in by `authenticate`. */
  login: [connection: ConnectionInfo, identity: Identity];
  /** A connection or a login was refused; with the name that the client said, unchecked, and never with a secret. */
  refusal: [connection: ConnectionInfo, error: TransferError, user: string | undefined];
  /** A request has ended, well or not. */
  request: [report: RequestReport];
  /** It has been closed: no connection is left. */
  close: [];
}

/**
 * A file server. Without `root` and `storage` it serves the current directory, read-only.
 *
 * @example
 * ```ts
 * const server = await new FileServer({ root: 'files' }).listen(2121);
 * ```
 */
export class FileServer extends EventEmitter<FileServerEvents> {
  readonly #shared: Shared;
  readonly #connections = new Set<Connection>();
  readonly #host: Host;
  readonly #listener: Listener;
  #closing: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  /** @throws TypeError if an option is wrong */
  constructor(options: FileServerOptions = {}) {
    super();
    const settings = serverSettings(options);
    this.#shared = {
      settings,
      chooseCodec: (bytes) => chooseCodec(settings.codecs, bytes),
      tally: new Tally(),
      uploads: new Uploads(settings.uploads),
      door: new Door(settings.access, new Views(settings.storage, settings.access)),
      receiveBudget: new SharedReceiveBudget(settings.receiveBytes),
      bandwidths: new Bandwidths(settings.access.bandwidth),
    };
    this.#host = this.#hosting(settings.admission);
    const gate = settings.tls && new TlsGate(settings.tls);
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
    const refusal = this.#host.admission.refusal(undefined);
    if (refusal) throw refusal;
    return receive(this.#host, { duplex: undefined, isOwn: false, gate: undefined }).endpoint;
  }

  /** What it has served and serves now. */
  stats(): ServerStats {
    const { tally } = this.#shared;
    let { bytesReceived, bytesSent } = tally;
    for (const { endpoint } of this.#connections) {
      bytesReceived += endpoint.bytesRead;
      bytesSent += endpoint.bytesWritten;
    }
    return {
      connections: this.#host.admission.served,
      totalConnections: tally.totalConnections,
      refusedConnections: tally.refusedConnections,
      refusedLogins: tally.refusedLogins,
      activeRequests: tally.activeRequests,
      queuedRequests: tally.queuedRequests,
      servedRequests: tally.servedRequests,
      failedRequests: tally.failedRequests,
      bytesReceived,
      bytesSent,
    };
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
    for (const connection of this.#connections) connection.destroy();
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
      await this.#shared.settings.storage.stat(ROOT);
    } catch (thrown) {
      const { code, reason } = TransferError.from(thrown);
      const what = `The root directory '${this.#shared.settings.rootPath ?? ''}' cannot be served: ${reason}`;
      throw new TransferError(code, what, { cause: thrown });
    }
  }

  #accept(entrance: Entrance & { duplex: Duplex }): void {
    if (!this.#closing) return void receive(this.#host, entrance);
    const { duplex } = entrance;
    duplex.on('error', () => undefined);
    duplex.destroy();
  }

  /** What its visits may know of it. */
  #hosting(admission: AdmissionBounds): Host {
    return {
      shared: this.#shared,
      admission: new Admission(admission),
      came: (visit, refusal) => this.#came(visit, refusal),
      admitted: (connection, identity) => {
        publish('login', { connection });
        this.emit('login', connection, identity);
      },
      refused: (connection, error, user) => this.#refused(connection, error, user),
      settled: (report) => this.#settled(report),
      left: (visit, error) => this.#left(visit, error),
    };
  }

  #came({ connection }: Visit, refusal: TransferError | undefined): void {
    const { info } = connection;
    this.#connections.add(connection);
    publish('connection', { connection: info });
    this.emit('connection', info);
    if (refusal) this.#refused(info, refusal, undefined);
  }

  #refused(connection: ConnectionInfo, error: TransferError, user: string | undefined): void {
    publish('refusal', { connection, error, user });
    this.emit('refusal', connection, error, user);
  }

  #settled(report: RequestReport): void {
    // What a listener throws is the program's affair, and must not reach whoever serves.
    process.nextTick(() => {
      publish('request', report);
      try {
        this.emit('request', report);
      } finally {
        this.#checkIdle();
      }
    });
  }

  #left({ connection }: Visit, error: TransferError | undefined): void {
    const { info, endpoint } = connection;
    this.#connections.delete(connection);
    this.#shared.tally.bytesReceived += endpoint.bytesRead;
    this.#shared.tally.bytesSent += endpoint.bytesWritten;
    this.#checkIdle();
    publish('disconnection', { connection: info, error });
    this.emit('disconnection', info, error);
  }

  /** Tells a closing server when no connection is left, and nothing that still uses the storage. */
  #checkIdle(): void {
    if (this.#connections.size === 0 && this.#shared.tally.activeRequests === 0) this.#idle?.();
  }

  async #close(graceMs: number): Promise<void> {
    const stopped = this.#listener.close();
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#checkIdle();
    });
    for (const connection of this.#connections) connection.drain();
    await within(graceMs, idle);
    for (const connection of this.#connections) connection.interrupt(closing());
    if (graceMs > 0) await within(LINGER_MS, idle);
    for (const connection of this.#connections) connection.destroy();
    await stopped;
    // A storage that never answers must not keep the server from ending.
    await within(LINGER_MS, idle);
    await within(LINGER_MS, this.#shared.uploads.close());
    if (this.#shared.settings.ownsStorage) await this.#shared.settings.storage.close?.();
    this.emit('close');
  }
}

function closing(): TransferError {
  return new TransferError('ESHUTDOWN', 'The server is closing.');
}
