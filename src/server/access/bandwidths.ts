/**
 * Who shares which bandwidth: all connections that of the server, those of one identity its own. What a connection
 * moves before it is let in counts for itself alone, so that strangers cannot use up what others share.
 */
import type { RateLimits } from '../../session/transport/endpoint.js';
import { RateLimit } from '../../session/transport/throttle.js';
import type { Bandwidth, Identity } from '../identity.js';
import type { BandwidthOptions } from './options.js';

/** What the connections of one identity share. */
interface SharedLimits {
  connections: number;
  limits: RateLimits;
}

export class Bandwidths {
  /** The limits of all connections together. */
  readonly ofServer: RateLimits;
  readonly #ofEach: Bandwidth;
  readonly #identities = new Map<string, SharedLimits>();
  /** Names without a connection, of which not all is paid. */
  readonly #owing = new Set<string>();

  constructor({ connection, ...server }: BandwidthOptions) {
    this.ofServer = limitsOf(server);
    this.#ofEach = connection ?? {};
  }

  /** The limits of one connection alone. */
  ofConnection(): RateLimits {
    return limitsOf(this.#ofEach);
  }

  /** The limits of a connection that an identity has opened, together with its others. */
  enter({ name, bandwidth }: Identity): RateLimits {
    const shared = this.#identities.get(name) ?? { connections: 0, limits: {} };
    // Who logs in last brings what is right by now.
    shared.limits = limitsOf(bandwidth ?? {}, shared.limits);
    shared.connections += 1;
    this.#identities.set(name, shared);
    this.#owing.delete(name);
    return shared.limits;
  }

  /** A connection that has entered is closed. */
  leave({ name }: Identity): void {
    const shared = this.#identities.get(name);
    if (!shared || --shared.connections > 0) return;
    this.#owing.add(name);
    this.#forgetPaid();
  }

  /** Nobody is forgotten before all is paid: or it would be worth the while to come again. */
  #forgetPaid(): void {
    const now = performance.now();
    for (const name of this.#owing) {
      if (!isPaid(this.#identities.get(name)?.limits ?? {}, now)) continue;
      this.#identities.delete(name);
      this.#owing.delete(name);
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
