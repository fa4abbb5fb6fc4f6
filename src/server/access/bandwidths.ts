/**
 * The rate limits that connections share: all share the limits of the server, and those of one identity share its
 * limits. Before its login a connection is under its own limits only, so that a client without credentials cannot use
 * up a shared limit.
 */
import { systemClock } from '../../clock.js';
import type { RateLimits } from '../../session/transport/endpoint.js';
import { RateLimit } from '../../session/transport/throttle.js';
import type { Bandwidth, Identity } from '../identity.js';
import type { BandwidthOptions } from './options.js';

/** The limits of one identity. */
interface SharedLimits {
  connections: number;
  limits: RateLimits;
}

export class Bandwidths {
  /** Shared by all connections. */
  readonly ofServer: RateLimits;
  readonly #perConnection: Bandwidth;
  readonly #identities = new Map<string, SharedLimits>();
  /** Names without a connection whose limits still have bytes to pay. */
  readonly #unpaid = new Set<string>();

  constructor({ connection, ...server }: BandwidthOptions) {
    this.ofServer = limitsOf(server);
    this.#perConnection = connection ?? {};
  }

  /** New limits for one connection. */
  ofConnection(): RateLimits {
    return limitsOf(this.#perConnection);
  }

  /** Adds a connection of an identity, and returns the limits that its connections share. */
  enter({ name, bandwidth }: Identity): RateLimits {
    const shared = this.#identities.get(name) ?? { connections: 0, limits: {} };
    // The latest login has the current bandwidth.
    shared.limits = limitsOf(bandwidth ?? {}, shared.limits);
    shared.connections += 1;
    this.#identities.set(name, shared);
    this.#unpaid.delete(name);
    return shared.limits;
  }

  /** Removes a closed connection. */
  leave({ name }: Identity): void {
    const shared = this.#identities.get(name);
    if (!shared || --shared.connections > 0) return;
    this.#unpaid.add(name);
    this.#dropPaid();
  }

  /** Limits stay until all bytes are paid: otherwise a client could reconnect to evade them. */
  #dropPaid(): void {
    const now = systemClock();
    for (const name of this.#unpaid) {
      if (!isPaid(this.#identities.get(name)?.limits ?? {}, now)) continue;
      this.#identities.delete(name);
      this.#unpaid.delete(name);
    }
  }
}

function limitsOf({ download, upload }: Bandwidth, before: RateLimits = {}): RateLimits {
  return { sending: limitOf(download, before.sending), receiving: limitOf(upload, before.receiving) };
}

function limitOf(bytesPerSecond: number | undefined, before: RateLimit | undefined): RateLimit | undefined {
  if (bytesPerSecond === undefined || !before)
    return bytesPerSecond ? new RateLimit(bytesPerSecond) : undefined;
  before.bytesPerSecond = bytesPerSecond;
  return before;
}

function isPaid({ sending, receiving }: RateLimits, now: number): boolean {
  return (sending?.paidAt ?? 0) <= now && (receiving?.paidAt ?? 0) <= now;
}
