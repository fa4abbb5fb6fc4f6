/** What the UDP paths of a server share: ports, limits, and what is known of the paths to other hosts. */
import { TransferError } from '../../errors.js';
import { PeersMemory } from '../../udp-path/peers-memory.js';
import { PortRange } from '../../udp-path/socket/port-range.js';
import { ReceiveBudget, SharedReceiveBudget } from '../request/receive-budget.js';
import type { ServerUdpSettings } from './options.js';
import { pathModules } from './path-modules.js';
import { RetainedShare } from './retained-share.js';

/**
 * Bytes that all UDP paths of a server keep to send them again, until their clients report them: at 10 Gbit/s those of a
 * round trip of 200 ms. Half of it for one address.
 */
export const MAX_RETAINED_UDP_BYTES = 256 * 1024 * 1024;

export class UdpPaths {
  readonly settings: ServerUdpSettings;
  readonly memory = new PeersMemory();
  readonly ports: PortRange;
  // The rules of the budget of what arrives: an address may take as many bytes as it leaves to others.
  readonly #retained = new SharedReceiveBudget(MAX_RETAINED_UDP_BYTES);
  readonly #paths = new Map<string, number>();
  #count = 0;

  constructor(settings: ServerUdpSettings) {
    this.settings = settings;
    this.ports = new PortRange(settings.ports);
    // Before the first client asks: it waits for 2 s, of which loading takes a large part on a busy machine.
    pathModules().catch(() => undefined);
  }

  /** Paths that are open now. */
  get count(): number {
    return this.#count;
  }

  /** The memory of a path for datagrams that its client has not reported. */
  retainedBy(address: string): RetainedShare {
    return new RetainedShare(new ReceiveBudget(Infinity, this.#retained, address));
  }

  /** Counts a path. Returns a function for its end. Throws EAGAIN if there are too many. */
  enter(address: string): () => void {
    const { maxPaths, maxPathsPerAddress } = this.settings;
    const ofAddress = this.#paths.get(address) ?? 0;
    if (this.#count >= maxPaths) throw new TransferError('EAGAIN', 'The server has too many UDP paths.');
    if (ofAddress >= maxPathsPerAddress)
      throw new TransferError('EAGAIN', 'The server has too many UDP paths of this address.');
    this.#count += 1;
    this.#paths.set(address, ofAddress + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#leave(address);
    };
  }

  #leave(address: string): void {
    this.#count -= 1;
    const left = (this.#paths.get(address) ?? 1) - 1;
    if (left > 0) this.#paths.set(address, left);
    else this.#paths.delete(address);
  }
}
