/**
 * What two ends make of their patience. Each end says in the handshake after how much silence it gives the other one up;
 * both then speak so early that a lost ping is no death. A client that wants to know soon is known soon, too: the server
 * takes its word, within bounds.
 */
import { MIN_KEEP_ALIVE_TIMEOUT_MS, MIN_PING_INTERVAL_MS } from '../../protocol/limits.js';

/** How patient a heartbeat is, in milliseconds of silence. */
export interface KeepAliveSettings {
  /** Then a ping is sent. */
  readonly intervalMs: number;
  /** Then the peer counts as dead. */
  readonly timeoutMs: number;
}

/** Pings that fit into a silence: one of them may be lost, or late. */
const PINGS_IN_SILENCE = 3;

export class KeepAliveNegotiation {
  #ownMs: number;
  #peerMs: number | undefined;

  /** @param ownMs - after which this end gives the peer up */
  constructor(ownMs: number) {
    this.#ownMs = ownMs;
  }

  /** Milliseconds after which this end gives the peer up. */
  get ownMs(): number {
    return this.#ownMs;
  }

  /** The peer has said after how much silence it gives this end up. */
  setPeerTimeout(peerMs: number | undefined): void {
    this.#peerMs = peerMs;
  }

  /** A server takes a client's word that it is itself to be given up so soon. */
  adoptPeerTimeout(): void {
    this.#ownMs = Math.min(this.#ownMs, Math.max(MIN_KEEP_ALIVE_TIMEOUT_MS, this.#peerMs ?? Infinity));
  }

  /** How patient a heartbeat is that would be so patient by itself. */
  heartbeat({ intervalMs }: KeepAliveSettings): KeepAliveSettings {
    // The own silence is never less than the peer's unless an option says so, so this is soon enough for both.
    const soonMs = Math.max(MIN_PING_INTERVAL_MS, Math.ceil((this.#peerMs ?? Infinity) / PINGS_IN_SILENCE));
    return { intervalMs: Math.min(intervalMs, soonMs), timeoutMs: this.#ownMs };
  }
}
