/**
 * The link to the server: one connection after another, and the requests that run on them. A request that loses its
 * connection asks for the next one; the link makes it, after a while, as long as there is hope.
 *
 *     enlist(request) -> a usable connection?  -yes-> request.begin(connection)
 *                                              -no--> waits -> [backoff] -> new connection -> begin
 */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { within } from '../../session/close-options.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import { Backoff } from './backoff.js';
import { ClientConnection } from './client-connection.js';
import { TimerGroup } from './timer-group.js';
import type { ClientSettings } from '../options.js';
import type { ClientState } from '../state-iterator.js';

/** What runs on a connection, or waits for one. */
export interface DispatchedRequest {
  /** Where it stands among all that is enlisted: the link's to set. */
  place: Node<DispatchedRequest> | undefined;
  /** Begins on a connection. What it says at once goes out with the first bytes, before the server's welcome. */
  begin(connection: ClientConnection): void;
  /** There will be no connection. */
  fail(error: TransferError): void;
  /** Asked from time to time while it is enlisted: whether it waits for the server in vain. */
  watch(nowMs: number): void;
}

/** Whom a link tells. */
export interface DispatcherListener {
  onConnect(): void;
  onDisconnect(error: TransferError | undefined): void;
  onStateChange(state: ClientState): void;
}

/** Milliseconds of a connection that was more than a try, at the least. */
const MIN_LASTING_MS = 1_000;

export class Dispatcher {
  readonly #settings: ClientSettings;
  readonly #listener: DispatcherListener;
  readonly #backoff: Backoff;
  readonly #connections = new Set<ClientConnection>();
  /** Everything that wants a connection, running or waiting. */
  readonly #enlisted = new LinkedList<DispatchedRequest>();
  readonly #waiting = new Set<DispatchedRequest>();
  #current: ClientConnection | undefined;
  #state: ClientState = { status: 'disconnected' };
  /** Whether there was a welcome since the link was last given up. */
  #known = false;
  #embedded = false;
  #closed = false;
  /** Of the next connection, of requests that begin again on the same one, and of time limits of requests. */
  readonly timers = new TimerGroup();
  #stopWaiting: (() => void) | undefined;
  readonly #pauses = new Set<() => void>();
  #unusedTimer: NodeJS.Timeout | undefined;
  #watchTimer: NodeJS.Timeout | undefined;
  #emptied: (() => void) | undefined;

  constructor(settings: ClientSettings, listener: DispatcherListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#backoff = new Backoff(settings.reconnect);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Whether a request can go on after its connection was lost. */
  get reconnects(): boolean {
    return this.#settings.reconnect.maxAttempts > 0 && !this.#embedded;
  }

  /** Begins a request, on the connection that there is or on the next. Throws ESHUTDOWN if the client is closed. */
  dispatch(enlisted: DispatchedRequest): void {
    this.#requireOpen();
    const usable = this.#usable;
    if (!usable && this.#embedded) {
      throw new TransferError('ECONNRESET', 'The connection of endpoint() is over.');
    }
    enlisted.place = this.#enlisted.push(enlisted);
    clearTimeout(this.#unusedTimer);
    if (usable) enlisted.begin(usable);
    else this.#wait(enlisted);
  }

  /**
   * Lets a request that has lost its connection begin again on the next; or, after a while, on the same, if that has
   * only refused it. False if there is no hope.
   */
  retry(enlisted: DispatchedRequest, error: TransferError, before: ClientConnection | undefined): boolean {
    if (!this.#hopeful(error)) return false;
    const usable = this.#usable;
    if (!usable) this.#wait(enlisted, error);
    else if (usable === before) this.#beginLater(enlisted, error);
    else enlisted.begin(usable);
    return true;
  }

  /** A request has ended, for good. */
  release(enlisted: DispatchedRequest): void {
    if (this.#waiting.size > 0) this.#waiting.delete(enlisted);
    if (!enlisted.place) return;
    this.#enlisted.remove(enlisted.place);
    enlisted.place = undefined;
    if (this.#enlisted.length === 0) this.#noteUnused();
  }

  /** Something has moved on a connection. */
  resetBackoff(): void {
    this.#backoff.reset();
  }

  /** Sets whether sockets and timers, present and later ones, keep the process alive. */
  setRef(isRef: boolean): void {
    this.timers.setRef(isRef);
    for (const connection of this.#connections) connection.setRef(isRef);
  }

  /** A connection's Duplex of bytes for the caller to carry; from then on the link makes none itself. */
  attachExternal(): Duplex {
    this.#requireOpen();
    if (this.#usable || this.#stopWaiting)
      throw new TransferError('EBUSY', 'The client has a connection already.');
    this.#embedded = true;
    return this.#newConnection().endpoint;
  }

  /** Takes no new requests; those that run may end in time. Resolves when no connection is left. */
  async close(graceMs: number): Promise<void> {
    this.#shut();
    const gone = new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (this.#connections.size === 0) resolve();
    });
    for (const connection of this.#connections) connection.close();
    await within(graceMs, gone);
    for (const connection of this.#connections) connection.destroy(closed());
    await gone;
    this.#change({ status: 'closed' });
  }

  /** Ends all requests and connections now. */
  destroy(error: TransferError): void {
    this.#shut(error);
    for (const connection of this.#connections) connection.destroy(error);
  }

  get #usable(): ClientConnection | undefined {
    return this.#current?.session.accepting ? this.#current : undefined;
  }

  #requireOpen(): void {
    if (this.#closed) throw closed();
  }

  #hopeful(error: TransferError): boolean {
    if (this.#closed || !this.reconnects || !error.retryable) return false;
    return (this.#known || this.#settings.reconnect.waitOnFirstConnect) && this.#backoff.canRetry();
  }

  #wait(enlisted: DispatchedRequest, error?: TransferError): void {
    this.#waiting.add(enlisted);
    this.#advance(error);
  }

  #beginLater(enlisted: DispatchedRequest, error: TransferError): void {
    this.#backoff.recordAttempt();
    this.#waiting.add(enlisted);
    const stop = this.timers.start(() => {
      this.#pauses.delete(stop);
      // It may have begun meanwhile with all that waited, or have ended.
      if (!this.#waiting.delete(enlisted)) return;
      const usable = this.#usable;
      if (usable) enlisted.begin(usable);
      else this.#wait(enlisted, error);
    }, this.#backoff.delayMs());
    this.#pauses.add(stop);
  }

  /** Makes the next connection: now, or after a loss (an error) or a try in vain after a while. */
  #advance(error?: TransferError): void {
    if (this.#stopWaiting) return;
    const { attempts } = this.#backoff;
    if (attempts === 0 && !error) return this.#connect();
    const delayMs = this.#backoff.delayMs();
    this.#stopWaiting = this.timers.start(() => {
      this.#stopWaiting = undefined;
      this.#connect();
    }, delayMs);
    this.#change({
      status: 'waiting',
      delayMs,
      attempt: attempts,
      error: error ?? new TransferError('ECONNRESET'),
    });
  }

  #connect(): void {
    const { attempts } = this.#backoff;
    this.#backoff.recordAttempt();
    const connection = this.#newConnection();
    this.#change(
      this.#known || attempts > 0
        ? { status: 'reconnecting', attempt: attempts + 1 }
        : { status: 'connecting' },
    );
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const enlisted of all) enlisted.begin(connection);
    void connection.carry(this.#settings.connect);
  }

  #newConnection(): ClientConnection {
    let openedAt = Infinity;
    const connection = new ClientConnection(this.#settings, {
      opened: () => {
        openedAt = performance.now();
        this.#known = true;
        this.#listener.onConnect();
        this.#change({ status: 'connected' });
        this.#noteUnused();
      },
      ended: (error) => {
        // One that has lasted is progress, even if nothing was asked.
        const lastsMs = Math.max(MIN_LASTING_MS, this.#settings.reconnect.maxDelayMs);
        if (performance.now() - openedAt >= lastsMs) this.#backoff.reset();
        if (this.#current === connection) this.#ended(error);
      },
      closed: (error) => {
        this.#connections.delete(connection);
        this.#listener.onDisconnect(error);
        if (this.#connections.size === 0) this.#allClosed();
      },
    });
    connection.setRef(this.timers.isRef);
    this.#connections.add(connection);
    this.#watchTimer ??= setInterval(() => this.#watch(), this.#settings.watchMs).unref();
    this.#current = connection;
    return connection;
  }

  /** The current connection is over, and those that ran on it have been told. */
  #ended(error: TransferError | undefined): void {
    this.#current = undefined;
    clearTimeout(this.#unusedTimer);
    if (this.#closed || this.#stopWaiting) return;
    const reason = error ?? new TransferError('ESHUTDOWN', 'The server has ended the connection.');
    if (this.#settings.connection === 'persistent' && this.#hopeful(reason)) {
      return this.#advance(reason);
    }
    this.#known = false;
    this.#backoff.reset();
    this.#change({ status: 'disconnected', error });
  }

  /** Closes a connection on demand when nobody has needed it for long enough. */
  #noteUnused(): void {
    if (this.#settings.connection !== 'on-demand' || this.#enlisted.length > 0 || this.#closed) return;
    clearTimeout(this.#unusedTimer);
    this.#unusedTimer = setTimeout(() => this.#current?.close(), this.#settings.idleMs).unref();
  }

  #allClosed(): void {
    clearInterval(this.#watchTimer);
    this.#watchTimer = undefined;
    this.#emptied?.();
  }

  #watch(): void {
    const now = performance.now();
    for (const connection of [...this.#connections]) connection.watch(now);
    for (const enlisted of this.#enlisted.items()) enlisted.watch(now);
  }

  #shut(error?: TransferError): void {
    this.#closed = true;
    for (const stop of this.#pauses) stop();
    this.#pauses.clear();
    this.#stopWaiting?.();
    clearTimeout(this.#unusedTimer);
    this.#stopWaiting = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const enlisted of all) enlisted.fail(error ?? closed());
  }

  #change(state: ClientState): void {
    this.#state = state;
    this.#listener.onStateChange(state);
  }
}

/** What a client says that is closed. */
export function closed(): TransferError {
  return new TransferError('ESHUTDOWN', 'The client is closed.', { retryable: false });
}
