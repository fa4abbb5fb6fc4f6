/**
 * The keep-alive times of both ends. Each sends its timeout in the handshake, and each pings so often that one lost ping
 * does not close the connection. A server also adopts a shorter timeout of its client, within limits.
 */
import { MIN_KEEP_ALIVE_TIMEOUT_MS, MIN_PING_INTERVAL_MS } from '../../protocol/limits.js';

/** The times of a heartbeat, in ms of silence. */
export interface KeepAliveSettings {
  /** When a ping is sent. */
  readonly intervalMs: number;
  /** When the connection is closed. */
  readonly timeoutMs: number;
}

const PINGS_PER_TIMEOUT = 3;

export class KeepAliveNegotiation {
  /** Silence of the peer after which this end closes the connection, in ms. */
  timeoutMs: number;
  /** The same time of the peer, if it was sent. */
  peerTimeoutMs: number | undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** For a server: uses the client's timeout where it is shorter. */
  adoptPeerTimeout(): void {
    const peerMs = Math.max(MIN_KEEP_ALIVE_TIMEOUT_MS, this.peerTimeoutMs ?? Infinity);
    this.timeoutMs = Math.min(this.timeoutMs, peerMs);
  }

  /** The times for this end's heartbeat, from the interval of its options. */
  settings({ intervalMs }: KeepAliveSettings): KeepAliveSettings {
    const peerIntervalMs = Math.ceil((this.peerTimeoutMs ?? Infinity) / PINGS_PER_TIMEOUT);
    return {
      intervalMs: Math.min(intervalMs, Math.max(MIN_PING_INTERVAL_MS, peerIntervalMs)),
      timeoutMs: this.timeoutMs,
    };
  }
}
