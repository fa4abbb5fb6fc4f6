/** The ports that a server may open for its UDP paths. Each path has its own. */
import { randomInt } from 'node:crypto';

/** The dynamic ports of IANA. */
const DEFAULT_PORTS = [49_152, 65_535] as const;

export class PortRange {
  readonly #from: number;
  readonly #count: number;
  readonly #used = new Set<number>();

  /** @param ports - the first and the last port. Default: 49152 to 65535 */
  constructor([from, to]: readonly [from: number, to: number] = DEFAULT_PORTS) {
    this.#from = from;
    this.#count = to - from + 1;
  }

  /** Ports that no path uses, from a random one on, so that the next one is hard to guess. */
  *free(): Generator<number> {
    const start = randomInt(this.#count);
    for (let index = 0; index < this.#count && this.#used.size < this.#count; index += 1) {
      const port = this.#from + ((start + index) % this.#count);
      if (!this.#used.has(port)) yield port;
    }
  }

  take(port: number): void {
    this.#used.add(port);
  }

  release(port: number): void {
    this.#used.delete(port);
  }

  toString(): string {
    return `${this.#from} to ${this.#from + this.#count - 1}`;
  }
}
