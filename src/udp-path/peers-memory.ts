/**
 * What was learnt about the UDP paths to other hosts, for 10 minutes: how fast a path was, so that the next one begins at
 * half of it (careful resume), and that datagrams do not reach a host, so that it is not tried with every connection.
 */
import { type Clock, systemClock } from '../clock.js';
import { LinkedMap } from '../collections/linked-map.js';
import type { PathSnapshot } from '../udp/udp-sender-stats.js';
import type { PathMemory } from './path-settings.js';

interface Peer {
  readonly untilMs: number;
  readonly snapshot?: PathSnapshot;
  readonly blockedReason?: string;
}

const KEPT_MS = 600_000;

/** Hosts that are remembered, at most. Another one replaces the one that was not used for the longest time. */
const MAX_PEERS = 256;

/** A remembered path may have changed: the next one begins at this part of its rate. */
const RESUMED_PART = 0.5;

/** With a round trip that differs by more than this factor, and by more than this time in us, it is another path. */
const RTT_FACTOR = 2;
const RTT_TOLERANCE_US = 10_000;

export class PeersMemory {
  readonly #peers = new LinkedMap<string, Peer>();
  readonly #now: Clock;

  constructor(now: Clock = systemClock) {
    this.#now = now;
  }

  /** A path to this host worked. */
  remember(host: string, snapshot: PathSnapshot): void {
    const known = this.#find(host)?.snapshot;
    // A short transfer says little. It must not replace what a longer one has found.
    const isBetter = known && snapshot.isLowerBound && known.bandwidth > snapshot.bandwidth;
    if (!isBetter) this.#replace(host, { untilMs: this.#now() + KEPT_MS, snapshot });
  }

  /** Datagrams do not reach this host, or do not come back. */
  block(host: string, reason: string): void {
    this.#replace(host, { untilMs: this.#now() + KEPT_MS, blockedReason: reason });
  }

  /**
   * The rate in bytes per second at which a path to this host may begin. Several hosts may have one address behind a NAT: a
   * path with another round trip is another one.
   */
  initialRate(host: string, rttMs: number): number | undefined {
    const known = this.#find(host)?.snapshot;
    return known && isAlike(known.rttUs, rttMs * 1_000) ? known.bandwidth * RESUMED_PART : undefined;
  }

  /** The memory of one host. */
  of(host: string): PathMemory {
    return {
      initialRate: (rttMs) => this.initialRate(host, rttMs),
      remember: (snapshot) => this.remember(host, snapshot),
    };
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

function isAlike(us: number, otherUs: number): boolean {
  const [shorter, longer] = us < otherUs ? [us, otherUs] : [otherUs, us];
  return longer <= Math.max(shorter * RTT_FACTOR, shorter + RTT_TOLERANCE_US);
}
