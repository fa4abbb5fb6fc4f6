/**
 * Dispatches requests to the current connection, and makes another one after a loss.
 *
 *     dispatch(request) -> connection accepts? -yes-> request.begin(connection)
 *                                              -no--> #waiting -> #connect -> request.begin(new connection)
 *     retry(request)    -> its own Backoff.canRetry? -yes-> #waiting -> #backoff.delayMs -> #connect -> request.begin
 *                                              -no--> false: the request fails
 */
import type { Duplex } from 'node:stream';
import { clearTimeout, setTimeout } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { within } from '../../session/close-options.js';
import { Ticker } from '../../session/timers/ticker.js';
import { LinkedList } from '../../collections/linked-list.js';
import { Backoff } from './backoff.js';
import { ClientConnection, type ClientConnectionListener } from './client-connection.js';
import type { DispatchedRequest, DispatcherListener } from './dispatched-request.js';
import { takeAttempt, type Loss } from './loss.js';
import { TimerGroup } from './timer-group.js';
import { closed } from '../closed.js';
import type { ClientCounters } from '../monitoring/client-counters.js';
import { ReturnTime } from '../reconnect/return-time.js';
import { RequestSessions } from '../repeats/request-sessions.js';
import type { ClientSettings } from '../options.js';
import type { ClientState } from '../state-iterator.js';

export class Dispatcher {
  readonly #settings: ClientSettings;
  readonly #listener: DispatcherListener;
  readonly #counters: ClientCounters;
  readonly #backoff: Backoff;
  readonly #returnTime = new ReturnTime();
  readonly #sessions = new RequestSessions();
  readonly #connections = new Set<ClientConnection>();
  /** All requests, running or waiting. */
  readonly requests = new LinkedList<DispatchedRequest>();
  readonly #waiting = new Set<DispatchedRequest>();
  /** Requests whose program has paused: they have no channel, and keep no connection open. */
  readonly paused = new Set<DispatchedRequest>();
  #current: ClientConnection | undefined;
  #state: ClientState = { status: 'disconnected' };
  /** Whether the server was reached since the client last became `disconnected`, or has said when it returns. */
  #wasConnected = false;
  /** Whether the caller makes the connection, with `endpoint()`. */
  isExternal = false;
  #closed = false;
  /** Of the next connection, of requests that are retried, and of the time limits of requests. */
  readonly timers = new TimerGroup();
  #stopReconnectTimer: (() => void) | undefined;
  /** Stop the timers of requests that are retried on the same connection. */
  readonly #stopRetryTimers = new Set<() => void>();
  #idleTimer: NodeJS.Timeout | undefined;
  #watch: Ticker | undefined;
  /** Time in which the server could answer, in ms. */
  #watchedMs = 0;
  #onEmpty: (() => void) | undefined;

  constructor(settings: ClientSettings, listener: DispatcherListener, counters: ClientCounters) {
    this.#settings = settings;
    this.#listener = listener;
    this.#counters = counters;
    this.#backoff = new Backoff(settings.reconnect);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Whether a request can continue after its connection was lost. */
  get reconnects(): boolean {
    return this.#settings.reconnect.maxAttempts > 0 && !this.isExternal;
  }

  /** Begins a request, also again, on the current connection or the next one. Throws ESHUTDOWN if the client is closed. */
  dispatch(request: DispatchedRequest): void {
    this.#throwIfClosed();
    if (this.paused.delete(request)) this.#wasConnected = true;
    const connection = this.#accepting;
    if (!connection && this.isExternal)
      throw new TransferError('ECONNRESET', 'The connection of endpoint() has ended.');
    request.node = this.requests.push(request);
    // The attempt that runs, or that the delay is for, is the first one of this request.
    const { status } = this.#state;
    if (status === 'waiting' || status === 'reconnecting')
      (request.backoff ??= new Backoff(this.#settings.reconnect)).recordAttempt();
    clearTimeout(this.#idleTimer);
    if (connection) request.begin(connection);
    else this.#enqueue(request);
  }

  /**
   * Begins a request again that has lost its connection: on the next one, or after a delay on the same one if that has only
   * refused the request. No earlier than the server has asked. Returns false if there is no further attempt.
   */
  retry(request: DispatchedRequest, loss: Loss): boolean {
    const { error } = loss;
    const backoff = (request.backoff ??= new Backoff(this.#settings.reconnect));
    if (!this.#mayReconnect(error) || !takeAttempt(backoff, loss)) return false;
    this.#counters.onRetry(loss.progressed);
    const connection = this.#accepting;
    if (!connection) this.#enqueue(request, error);
    else if (connection === loss.connection || error.retryAfterMs !== undefined)
      this.#retryLater(request, error, backoff.delayMs(error.retryAfterMs));
    else request.begin(connection);
    return true;
  }

  /** Removes a request that has ended. */
  release(request: DispatchedRequest): void {
    if (this.#waiting.size > 0) this.#waiting.delete(request);
    if (this.paused.size > 0) this.paused.delete(request);
    if (!request.node) return;
    this.requests.remove(request.node);
    request.node = undefined;
    if (this.requests.length === 0) this.#startIdleTimer();
  }

  /** Sets whether sockets and timers, present and later ones, keep the process alive. */
  setRef(isRef: boolean): void {
    this.timers.setRef(isRef);
    for (const connection of this.#connections) connection.setRef(isRef);
  }

  /** Returns a connection's Duplex of bytes for the caller to carry; the dispatcher makes no connections from then on. */
  attachExternal(): Duplex {
    this.#throwIfClosed();
    if (this.#accepting || this.#stopReconnectTimer)
      throw new TransferError('EBUSY', 'The client already has a connection.');
    this.isExternal = true;
    return this.#newConnection().endpoint;
  }

  /** Rejects new requests, and gives the running ones `graceMs` to end. Resolves when all connections are closed. */
  async close(graceMs: number): Promise<void> {
    this.#stop();
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#connections.size === 0) resolve();
    });
    for (const request of [...this.requests.items()]) if (request.isEndless) request.fail(closed());
    for (const connection of this.#connections) connection.close();
    await within(graceMs, empty);
    for (const connection of this.#connections) connection.destroy(closed());
    await empty;
    // Those that have paused meanwhile.
    for (const request of [...this.paused]) request.fail(closed());
    this.#setState({ status: 'closed' });
  }

  /** Fails all requests and closes all connections now. */
  destroy(error: TransferError): void {
    this.#stop(error);
    for (const connection of this.#connections) connection.destroy(error);
  }

  get #accepting(): ClientConnection | undefined {
    return this.#current?.session.accepting ? this.#current : undefined;
  }

  #throwIfClosed(): void {
    if (this.#closed) throw closed();
  }

  #mayReconnect(error: TransferError): boolean {
    if (this.#closed || !this.reconnects || !error.retryable) return false;
    return this.#wasConnected || this.#settings.reconnect.waitOnFirstConnect;
  }

  #enqueue(request: DispatchedRequest, error?: TransferError): void {
    this.#waiting.add(request);
    this.#scheduleConnect(error);
  }

  #retryLater(request: DispatchedRequest, error: TransferError, delayMs: number): void {
    this.#waiting.add(request);
    const stop = this.timers.start(() => {
      this.#stopRetryTimers.delete(stop);
      // Meanwhile it may have ended, or begun on another connection.
      if (!this.#waiting.delete(request)) return;
      const connection = this.#accepting;
      if (connection) request.begin(connection);
      else this.#enqueue(request, error);
    }, delayMs);
    this.#stopRetryTimers.add(stop);
  }

  /** Connects: now, or after a delay if a connection was lost (`error`) or could not be made, or the server is not back. */
  #scheduleConnect(error: TransferError | undefined = this.#returnTime.error): void {
    if (this.#stopReconnectTimer) return;
    const { attempts } = this.#backoff;
    if (attempts === 0 && !error) return this.#connect();
    const delayMs = this.#returnTime.delayMs(this.#backoff, error?.retryAfterMs);
    this.#stopReconnectTimer = this.timers.start(() => {
      this.#stopReconnectTimer = undefined;
      // Meanwhile the server may have named a later time.
      if (this.#returnTime.error) this.#scheduleConnect();
      else this.#connect();
    }, delayMs);
    const reason = error ?? new TransferError('ECONNRESET');
    this.#setState({ status: 'waiting', delayMs, attempt: attempts, error: reason });
  }

  #connect(): void {
    const { attempts } = this.#backoff;
    this.#backoff.recordAttempt();
    const connection = this.#newConnection();
    const isFirst = !this.#wasConnected && attempts === 0;
    this.#setState(isFirst ? { status: 'connecting' } : { status: 'reconnecting', attempt: attempts + 1 });
    for (const request of this.#takeWaiting()) request.begin(connection);
    void connection.carry(this.#settings.connect);
  }

  #newConnection(): ClientConnection {
    const listener: ClientConnectionListener = {
      onGoaway: (error) => {
        // One that is replaced already says nothing about the next one.
        if (!this.#accepting) this.#returnTime.onGoaway(error);
      },
      onOpen: () => {
        this.#wasConnected = true;
        this.#counters.onOpen(connection.endpoint);
        this.#returnTime.onOpen();
        this.#listener.onConnect();
        this.#setState({ status: 'connected' });
        this.#startIdleTimer();
      },
      onFallback: (reason) => this.#listener.onFallback(reason),
      onEnd: (error) => {
        if (connection.record.wasUseful(error)) this.#backoff.reset();
        if (this.#current === connection) this.#handleEnd(error);
      },
      onClose: (error) => {
        this.#connections.delete(connection);
        this.#counters.onClose(connection.endpoint, error);
        this.#listener.onDisconnect(error);
        if (this.#connections.size > 0) return;
        this.#watch?.stop();
        this.#watch = undefined;
        this.#onEmpty?.();
      },
    };
    const sessions = this.reconnects ? this.#sessions : undefined;
    const connection = new ClientConnection(this.#settings, listener, sessions);
    connection.setRef(this.timers.isRef);
    this.#connections.add(connection);
    this.#watch ??= new Ticker(this.#settings.watchMs, (ms) => this.#checkTimeouts(ms)).unref();
    this.#current = connection;
    return connection;
  }

  /** The current connection has ended, and its requests have been notified. */
  #handleEnd(error: TransferError | undefined): void {
    this.#current = undefined;
    clearTimeout(this.#idleTimer);
    if (this.#closed || this.#stopReconnectTimer) return;
    const told = this.#returnTime.error;
    const reason = error ?? told ?? new TransferError('ESHUTDOWN', 'The server has closed the connection.');
    const reconnects = this.#settings.connection === 'persistent' && this.#mayReconnect(reason);
    if (reconnects && this.#backoff.canRetry(reason.retryAfterMs)) return this.#scheduleConnect(reason);
    this.#wasConnected = told !== undefined;
    this.#backoff.reset();
    this.#setState({ status: 'disconnected', error });
  }

  /** Closes an on-demand connection after `idleMs` without a request. */
  #startIdleTimer(): void {
    if (this.#settings.connection !== 'on-demand' || this.requests.length > 0 || this.#closed) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#current?.close(), this.#settings.idleMs).unref();
  }

  #checkTimeouts(passedMs: number): void {
    const now = (this.#watchedMs += passedMs);
    for (const connection of [...this.#connections]) connection.checkTimeout(now);
    for (const request of this.requests.items()) request.checkTimeout(now);
  }

  #stop(error?: TransferError): void {
    this.#closed = true;
    for (const stop of this.#stopRetryTimers) stop();
    this.#stopRetryTimers.clear();
    this.#stopReconnectTimer?.();
    this.#stopReconnectTimer = undefined;
    clearTimeout(this.#idleTimer);
    for (const request of [...this.#takeWaiting(), ...this.paused]) request.fail(error ?? closed());
  }

  #takeWaiting(): DispatchedRequest[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#listener.onStateChange(state);
  }
}
