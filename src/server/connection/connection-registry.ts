/** The connections of a server: admits or rejects them, counts them, emits their events, and closes them. */
import type { EventEmitter } from 'node:events';
import { nextTick } from '../../clock.js';
import type { TransferError } from '../../errors.js';
import { returnTimes, type ClosePlan } from '../close-options.js';
import { ConnectionLimiter } from './connection-limiter.js';
import type { AcceptedSocket, ServerContext } from './server-context.js';
import { Connection } from './connection.js';
import type { ConnectionHooks } from './connection-hooks.js';
import { hasMonitors, publish } from '../monitoring/diagnostics.js';
import type { FileServerEvents, RequestStart, RequestSummary } from '../monitoring/connection-info.js';
import type { ConnectionSnapshot } from '../monitoring/connection-snapshot.js';
import type { ServerStats } from '../monitoring/server-counters.js';

export class ConnectionRegistry implements ConnectionHooks<Connection> {
  readonly #server: ServerContext;
  readonly #events: EventEmitter<FileServerEvents>;
  readonly #limiter: ConnectionLimiter;
  readonly #connections = new Set<Connection>();
  #onIdle: (() => void) | undefined;
  #onClosed: (() => void) | undefined;

  constructor(server: ServerContext, events: EventEmitter<FileServerEvents>) {
    this.#server = server;
    this.#events = events;
    this.#limiter = new ConnectionLimiter(server.settings.admission);
  }

  /** The error for a new connection from an address; undefined if the server can serve it. */
  check(address: string | undefined): TransferError | undefined {
    return this.#limiter.check(address) ?? this.#server.authenticator.check(address);
  }

  /** Adds a connection. One that cannot be served answers the client's hello with the reason. */
  add(accepted: AcceptedSocket): Connection {
    const id = ++this.#server.counters.totalConnections;
    const { peer, isProxied } = accepted;
    // A connection that is lost already is not rejected. The limits of a proxy's address are not those of its clients.
    const rejection = peer.isLost || isProxied ? undefined : this.check(peer.address);
    const connection = new Connection(this.#server, { id, accepted, rejection, hooks: this });
    this.#limiter.add(connection, rejection === undefined && !isProxied);
    this.#connections.add(connection);
    if (!isProxied) this.#announce(connection, rejection);
    return connection;
  }

  onProxyHeader(connection: Connection, refusal: TransferError | undefined): TransferError | undefined {
    this.#limiter.remove(connection);
    const rejection = refusal ?? this.check(connection.address);
    this.#limiter.add(connection, rejection === undefined);
    this.#announce(connection, rejection);
    return rejection;
  }

  /** The counters of the server, with the bytes of its open connections. */
  stats(): ServerStats {
    const { counters, sessions } = this.#server;
    let { bytesReceived, bytesSent, udpBytesReceived, udpBytesSent } = counters;
    for (const { endpoint } of this.#connections) {
      bytesReceived += endpoint.bytesRead;
      bytesSent += endpoint.bytesWritten;
      udpBytesReceived += endpoint.udpBytesRead;
      udpBytesSent += endpoint.udpBytesWritten;
    }
    return {
      connections: this.#limiter.size,
      totalConnections: counters.totalConnections,
      rejectedConnections: counters.rejectedConnections,
      rejectedLogins: counters.rejectedLogins,
      acceptErrors: counters.acceptErrors,
      activeRequests: counters.activeRequests,
      queuedRequests: counters.queuedRequests,
      servedRequests: counters.servedRequests,
      failedRequests: counters.failedRequests,
      omittedNames: counters.omittedNames,
      sessions: sessions.size,
      rememberedAnswers: sessions.answers,
      bytesReceived,
      bytesSent,
      udpPaths: this.#server.udp?.count ?? 0,
      udpBytesReceived,
      udpBytesSent,
      fallbacks: counters.fallbacks,
    };
  }

  /** The connections as they are now, in the order in which they were accepted. */
  snapshots(): ConnectionSnapshot[] {
    return Array.from(this.#connections, (connection) => connection.snapshot());
  }

  /** Ends the connection with an id, or those of a user. Returns how many it has ended. */
  disconnect(target: number | string, error: TransferError): number {
    let count = 0;
    for (const connection of [...this.#connections]) {
      const { id, user } = connection.info;
      const isMeant = target === (typeof target === 'number' ? id : user);
      if (isMeant && connection.disconnect(error)) count += 1;
    }
    return count;
  }

  /** Resolves when no connection is open and no request uses the storage. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  /** Resolves when no connection is open. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#checkIdle();
    });
  }

  /** Rejects new requests, closes each connection after its running ones, and tells its client when to return. */
  drain(plan: ClosePlan): void {
    const times = returnTimes(plan, this.#connections.size);
    for (const connection of this.#connections) connection.drain(times.pop());
  }

  /** Ends all requests with an error, and leaves their answers time to arrive. */
  interrupt(error: TransferError): void {
    for (const connection of this.#connections) connection.interrupt(error);
  }

  /** Closes all connections now. */
  destroy(error?: TransferError): void {
    for (const connection of this.#connections) connection.destroy(error);
  }

  /** Sets whether open connections keep the process alive. */
  setRef(isRef: boolean): void {
    for (const connection of this.#connections) connection.setRef(isRef);
  }

  /** The system could not accept a connection. */
  onAcceptError(error: TransferError): void {
    this.#server.counters.acceptErrors += 1;
    this.#emitRejected(undefined, error, undefined);
  }

  get observesRequests(): boolean {
    const events = this.#events;
    return events.listenerCount('requestStart') + events.listenerCount('requestEnd') > 0 || hasMonitors();
  }

  onRequestStart(request: RequestStart): void {
    if (!this.observesRequests) return;
    this.#emitLater(() => {
      publish('request:start', request);
      this.#events.emit('requestStart', request);
    });
  }

  onRequestEnd(summary: RequestSummary): void {
    // A request may end after its connection: then the server may have become idle.
    if (!this.observesRequests && this.#connections.size > 0) return;
    this.#emitLater(() => {
      publish('request:end', summary);
      this.#events.emit('requestEnd', summary);
    });
  }

  onHandshake(connection: Connection): void {
    this.#limiter.markReady(connection);
    const { info, access } = connection;
    const identity = access?.identity;
    if (!identity) return;
    this.#emitLater(() => {
      publish('login', { connection: info });
      this.#events.emit('login', info, identity);
    });
  }

  onRejected(connection: Connection, error: TransferError): void {
    this.#server.counters.rejectedConnections += 1;
    this.#emitRejected(connection.info, error, undefined);
  }

  onLoginRejected(connection: Connection, error: TransferError, user: string | undefined): void {
    this.#server.counters.rejectedLogins += 1;
    this.#emitRejected(connection.info, error, user);
  }

  onFallback({ info }: Connection, reason: string): void {
    this.#server.counters.fallbacks += 1;
    this.#emitLater(() => this.#events.emit('fallback', info, reason));
  }

  onClose(connection: Connection, error: TransferError | undefined): void {
    const { info, endpoint } = connection;
    if (connection.isAwaitingProxy) this.#announce(connection, undefined);
    this.#limiter.remove(connection);
    this.#connections.delete(connection);
    this.#server.counters.bytesReceived += endpoint.bytesRead;
    this.#server.counters.bytesSent += endpoint.bytesWritten;
    this.#server.counters.udpBytesReceived += endpoint.udpBytesRead;
    this.#server.counters.udpBytesSent += endpoint.udpBytesWritten;
    this.#emitLater(() => {
      publish('disconnect', { connection: info, error });
      this.#events.emit('disconnect', info, error);
    });
  }

  /** Tells the program of a new connection, as soon as the address of its client is known. */
  #announce(connection: Connection, rejection: TransferError | undefined): void {
    const { info } = connection;
    this.#emitLater(() => {
      publish('connection', { connection: info });
      this.#events.emit('connection', info);
    });
    if (rejection) this.onRejected(connection, rejection);
  }

  #emitRejected(...[connection, error, user]: FileServerEvents['rejected']): void {
    this.#emitLater(() => {
      publish('rejected', { connection, error, user });
      this.#events.emit('rejected', connection, error, user);
    });
  }

  /** Emits in a later tick: an exception of a listener must not reach the code that serves. */
  #emitLater(emit: () => void): void {
    nextTick(() => {
      try {
        emit();
      } finally {
        this.#checkIdle();
      }
    });
  }

  #checkIdle(): void {
    if (this.#connections.size > 0) return;
    this.#onClosed?.();
    if (this.#server.counters.activeRequests === 0) this.#onIdle?.();
  }
}
