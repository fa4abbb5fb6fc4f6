/** What the UDP paths of a server share: ports, limits, and what is known of the paths to other hosts. */
import { TransferError } from '../../errors.js';
import { PeersMemory } from '../../udp-path/peers-memory.js';
import { PortRange } from '../../udp-path/socket/port-range.js';
import type { ServerUdpSettings } from './options.js';

export class UdpPaths {
  readonly settings: ServerUdpSettings;
  readonly memory = new PeersMemory();
  readonly ports: PortRange;
  readonly #paths = new Map<string, number>();
  #count = 0;

  constructor(settings: ServerUdpSettings) {
    this.settings = settings;
    this.ports = new PortRange(settings.ports);
  }

  /** Paths that are open now. */
  get count(): number {
    return this.#count;
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
