/** The timeouts of a connection: for the handshake, and then by a heartbeat for silence. */
import type { Endpoint } from '../transport/endpoint.js';
import { Deadline } from '../timers/deadline.js';
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
  #handshakeDeadline: Deadline | undefined;

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
    this.#handshakeDeadline = new Deadline(handshakeMs, () => onHandshakeTimeout(false));
    // Otherwise the deadline expires first, and one timer is enough.
    if (keepAlive.timeoutMs < handshakeMs) this.#heartbeat.start(keepAlive);
  }

  /** Lets the process exit during the handshake. */
  unref(): void {
    this.#handshakeDeadline?.unref();
  }

  /** The client has sent `hello`; the time limit begins again for the check of its login. */
  onHello(): void {
    this.#endHandshake();
    this.#handshakeDeadline = new Deadline(this.#handshakeMs, () => this.#onHandshakeTimeout(true)).unref();
  }

  /** The handshake is complete. */
  onOpen(): void {
    this.#endHandshake();
    this.#heartbeat.start(this.#negotiation.settings(this.#settings));
  }

  /** The session has ended. The heartbeat stays, for a peer that does not read the last frames. */
  onEnd(): void {
    this.#endHandshake();
    if (!this.#heartbeat.started) this.#heartbeat.start(this.#settings);
  }

  /** Sets whether the time limit for the handshake keeps the process alive. The heartbeat never does. */
  setRef(isRef: boolean): void {
    if (isRef) this.#handshakeDeadline?.ref();
    else this.#handshakeDeadline?.unref();
  }

  #endHandshake(): void {
    this.#handshakeDeadline?.stop();
    // A reference would keep its callback in memory.
    this.#handshakeDeadline = undefined;
  }
}
