/**
 * BaseClient: the life of a client. The first request makes the connection.
 *
 *     new -> connect() or the first request -> state, ping() -> close() | destroy()
 */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { nextTick } from '../clock.js';
import { TransferError } from '../errors.js';
import { graceMsOf, type CloseOptions } from '../session/close-options.js';
import { withoutPathCode } from '../session/transport/connection-error.js';
import type { CallOptions } from './request/abort.js';
import { withConnection } from './request/with-connection.js';
import { closed } from './closed.js';
import { clientSettings, type FileClientOptions } from './options.js';
import { clientContext, type ClientContext } from './request/client-context.js';
import type { FileClientEvents } from './events.js';
import { clientStats, type ClientStats } from './monitoring/client-stats.js';
import { StateIterator, type ClientState } from './state-iterator.js';
import { withUrlOptions } from './url-options.js';

/** A map, because even a protected property would be part of the API. */
const contexts = new WeakMap<BaseClient, ClientContext>();

/** What all requests of a client share. */
export function contextOf(client: BaseClient): ClientContext {
  const context = contexts.get(client);
  if (!context) throw new TypeError('The client is not constructed.');
  return context;
}

/** The methods of a {@link FileClient} that concern its connection. */
export abstract class BaseClient extends EventEmitter<FileClientEvents> {
  readonly #context: ClientContext;
  readonly #iterators = new Set<StateIterator>();
  #closing: Promise<void> | undefined;

  /**
   * Makes a client, which connects when the first request needs a connection.
   *
   * @throws TypeError if an option is unknown, has the wrong type or is out of range
   */
  constructor(options?: FileClientOptions);
  /**
   * Makes a client of the server at a URL.
   *
   * @param url - `tcp://[user[:password]@]host[:port]`, or the same with `tls://`; user and password are percent-encoded
   * @throws TypeError if the URL or an option is wrong, or if an option differs from the URL
   */
  constructor(url: string | URL, options?: FileClientOptions);
  constructor(urlOrOptions: string | URL | FileClientOptions = {}, options?: FileClientOptions) {
    super();
    this.#context = clientContext(clientSettings(withUrlOptions(urlOrOptions, options)), {
      // Deferred: an exception of a listener must not reach the connection.
      onConnect: () => nextTick(() => this.emit('connect')),
      onDisconnect: (error) => nextTick(() => this.emit('disconnect', error)),
      onFallback: (reason) => nextTick(() => this.emit('fallback', { reason })),
      onStateChange: (state) => {
        for (const iterator of this.#iterators) iterator.push(state);
        nextTick(() => this.emit('state', state));
      },
    });
    contexts.set(this, this.#context);
  }

  /** The current state of the connection. */
  get state(): ClientState {
    return this.#context.dispatcher.state;
  }

  /** Iterates the current state and every later one; ends after `closed`. */
  states(): AsyncIterableIterator<ClientState> {
    const iterator = new StateIterator(this.state, () => this.#iterators.delete(iterator));
    this.#iterators.add(iterator);
    return iterator;
  }

  /** Returns the counters of the client. */
  stats(): ClientStats {
    return clientStats(this.#context);
  }

  /** Connects now instead of at the first request. Resolves when the server has sent `welcome`. */
  async connect(options: CallOptions = {}): Promise<void> {
    await withConnection(this.#context, options, ({ opened }) => opened);
  }

  /**
   * Returns a connection as a Duplex of bytes, for embedding: `pipeline(duplex, client.endpoint(), duplex)`. From then
   * on the client makes no connections itself.
   *
   * @throws TransferError ESHUTDOWN if the client is closed, EBUSY if it already has a connection
   */
  endpoint(): Duplex {
    return this.#context.dispatcher.attachExternal();
  }

  /** Resolves with the round-trip time to the server in ms. Running transfers do not delay the answer. */
  async ping(options: CallOptions = {}): Promise<number> {
    return withConnection(this.#context, options, ({ session }) => session.ping());
  }

  /** Lets the connections of the client, present and later ones, keep the process alive, which is the default. */
  ref(): this {
    this.#context.dispatcher.setRef(true);
    return this;
  }

  /**
   * Lets the process exit although the client has a connection, waits for the next one, or has running requests. A Duplex
   * that is not a `net.Socket` is not affected.
   */
  unref(): this {
    this.#context.dispatcher.setRef(false);
    return this;
  }

  /** Closes gracefully: running requests may end within `graceMs`, new ones get ESHUTDOWN. A second call awaits the first. */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#context.dispatcher.close(graceMs).then(() => void this.emit('close'));
    return this.#closing;
  }

  /**
   * Closes now. Running requests fail with `error`, by default with ESHUTDOWN; an error that is not a TransferError, or has
   * the code of a path such as ENOENT, becomes the `cause` of one.
   */
  destroy(error: Error = closed()): void {
    this.#context.dispatcher.destroy(withoutPathCode(TransferError.from(error), 'ESHUTDOWN', false));
    // Cannot reject.
    void this.close({ graceMs: 0 });
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
