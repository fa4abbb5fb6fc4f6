/** The timeouts of a connection: for the handshake, and then by a heartbeat for silence. */
import type { Endpoint } from '../transport/endpoint.js';
import { Heartbeat, type Pinger } from './heartbeat.js';
import type { KeepAliveSettings, KeepAliveNegotiation } from './keep-alive-negotiation.js';

export interface ConnectionTimeouts {
  readonly keepAlive: KeepAliveSettings;
  readonly handshakeMs: number;
  /** Closes the connection. `hasHello`: the client has sent `hello`, and its login is not checked yet. */
  readonly onHandshakeTimeout: (hasHello: boolean) => void;
}

export class KeepAlive {
  readonly #negotiation: KeepAliveNegotiation;
  readonly #settings: KeepAliveSettings;
  readonly #heartbeat: Heartbeat;
  readonly #onHandshakeTimeout: (hasHello: boolean) => void;
  readonly #handshakeMs: number;
  #handshakeTimer: NodeJS.Timeout | undefined;

  constructor(
    endpoint: Endpoint,
    session: Pinger & { readonly keepAlive: KeepAliveNegotiation },
    { keepAlive, handshakeMs, onHandshakeTimeout }: ConnectionTimeouts,
  ) {
    this.#negotiation = session.keepAlive;
    this.#settings = keepAlive;
    this.#handshakeMs = handshakeMs;
    this.#heartbeat = new Heartbeat(endpoint, session);
    this.#onHandshakeTimeout = onHandshakeTimeout;
    this.#handshakeTimer = setTimeout(onHandshakeTimeout, handshakeMs, false);
    // Otherwise the handshake timer fires first, and one timer is enough.
    if (keepAlive.timeoutMs < handshakeMs) this.#heartbeat.start(keepAlive);
  }

  /** Lets the process exit during the handshake. */
  unref(): void {
    this.#handshakeTimer?.unref();
  }

  /** The client has sent `hello`; the time limit begins again for the check of its login. */
  onHello(): void {
    this.#stopHandshakeTimer();
    this.#handshakeTimer = setTimeout(this.#onHandshakeTimeout, this.#handshakeMs, true).unref();
  }

  /** The handshake is complete. */
  onOpen(): void {
    this.#stopHandshakeTimer();
    this.#heartbeat.start(this.#negotiation.settings(this.#settings));
  }

  /** The session has ended. The heartbeat stays, for a peer that does not read the last frames. */
  onEnd(): void {
    this.#stopHandshakeTimer();
    if (!this.#heartbeat.started) this.#heartbeat.start(this.#settings);
  }

  /** Sets whether the time limit for the handshake keeps the process alive. The heartbeat never does. */
  setRef(isRef: boolean): void {
    if (isRef) this.#handshakeTimer?.ref();
    else this.#handshakeTimer?.unref();
  }

  #stopHandshakeTimer(): void {
    clearTimeout(this.#handshakeTimer);
    // A reference to the timer would keep its callback in memory.
    this.#handshakeTimer = undefined;
  }
}
