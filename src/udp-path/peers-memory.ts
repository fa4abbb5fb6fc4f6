/**
 * What was learnt about the UDP paths to other hosts, for 10 minutes: how fast a path was, so that the next one begins at
 * half of it (careful resume), and that datagrams do not reach a host, so that it is not tried with every connection.
 */
import { type Clock, systemClock } from '../clock.js';
import { LinkedMap } from '../collections/linked-map.js';

export interface PathMeasurement {
  /** Bytes per second. */
  readonly bandwidth: number;
  readonly rttMs: number;
}

interface Peer {
  readonly untilMs: number;
  readonly measurement?: PathMeasurement;
  readonly blockedReason?: string;
}

const KEPT_MS = 600_000;

/** Hosts that are remembered, at most. Another one replaces the one that was not used for the longest time. */
const MAX_PEERS = 256;

/** A remembered path may have changed: the next one begins at this part of its rate. */
const RESUMED_PART = 0.5;

export class PeersMemory {
  readonly #peers = new LinkedMap<string, Peer>();
  readonly #now: Clock;

  constructor(now: Clock = systemClock) {
    this.#now = now;
  }

  /** A path to this host worked. */
  remember(host: string, measurement: PathMeasurement): void {
    this.#replace(host, { untilMs: this.#now() + KEPT_MS, measurement });
  }

  /** Datagrams do not reach this host, or do not come back. */
  block(host: string, reason: string): void {
    this.#replace(host, { untilMs: this.#now() + KEPT_MS, blockedReason: reason });
  }

  /** The rate in bytes per second at which a path to this host may begin. */
  initialRate(host: string): number | undefined {
    const bandwidth = this.measurement(host)?.bandwidth;
    return bandwidth === undefined ? undefined : bandwidth * RESUMED_PART;
  }

  measurement(host: string): PathMeasurement | undefined {
    return this.#find(host)?.measurement;
  }

  /** Why datagrams do not work with this host; `undefined` if they may. */
  blockedReason(host: string): string | undefined {
    return this.#find(host)?.blockedReason;
  }

  #replace(host: string, peer: Peer): void {
    this.#peers.delete(host);
    this.#peers.set(host, peer);
    if (this.#peers.size > MAX_PEERS) this.#peers.shift();
  }

  #find(host: string): Peer | undefined {
    const peer = this.#peers.get(host);
    if (!peer) return undefined;
    if (peer.untilMs > this.#now()) {
      this.#peers.moveToEnd(host);
      return peer;
    }
    this.#peers.delete(host);
    return undefined;
  }
}
