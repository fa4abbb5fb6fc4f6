/**
 * Limits how long a connection waits for its peer: first for the handshake, then, by a heartbeat, for any sign of life.
 */
import type { Endpoint } from '../transport/endpoint.js';
import { Heartbeat, type Pinger } from './heartbeat.js';
import type { KeepAliveSettings, KeepAliveNegotiation } from './keep-alive-negotiation.js';

/** What a connection waits for. */
export interface ConnectionTimeouts {
  readonly keepAlive: KeepAliveSettings;
  /** Milliseconds for the handshake. */
  readonly handshakeMs: number;
  /** Ends the connection when they are over. */
  readonly onHandshakeTimeout: () => void;
}

export class KeepAlive {
  readonly #session: Pinger & { readonly silence: KeepAliveNegotiation };
  readonly #settings: KeepAliveSettings;
  readonly #heartbeat: Heartbeat;
  #handshakeTimer: NodeJS.Timeout | undefined;

  constructor(
    endpoint: Endpoint,
    session: Pinger & { readonly silence: KeepAliveNegotiation },
    { keepAlive, handshakeMs, onHandshakeTimeout }: ConnectionTimeouts,
  ) {
    this.#session = session;
    this.#settings = keepAlive;
    this.#heartbeat = new Heartbeat(endpoint, session);
    this.#handshakeTimer = setTimeout(onHandshakeTimeout, handshakeMs);
    // As a rule the time for the handshake is over sooner, and one timer is enough until then.
    if (keepAlive.timeoutMs < handshakeMs) this.#heartbeat.begin(keepAlive);
  }

  /** Lets the process exit during the handshake. */
  unref(): void {
    this.#handshakeTimer?.unref();
  }

  /** The handshake is complete. */
  opened(): void {
    this.#stopHandshakeTimer();
    this.#heartbeat.begin(this.#session.silence.heartbeat(this.#settings));
  }

  /** The session has ended. A peer that does not take its last words is still given up. */
  ended(): void {
    this.#stopHandshakeTimer();
    if (!this.#heartbeat.begun) this.#heartbeat.begin(this.#settings);
  }

  #stopHandshakeTimer(): void {
    clearTimeout(this.#handshakeTimer);
    // A timer that is held keeps what it would call.
    this.#handshakeTimer = undefined;
  }
}
