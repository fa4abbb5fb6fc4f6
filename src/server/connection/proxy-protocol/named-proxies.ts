/** The proxies whose headers a server reads, by their addresses. */
import { BlockList, isIP, type Socket } from 'node:net';

const UNIX = 'unix';

export class NamedProxies {
  readonly #addresses = new BlockList();
  readonly #hasUnix: boolean;

  /** @throws TypeError for an entry that is no address and no network */
  constructor(from: readonly string[]) {
    this.#hasUnix = from.includes(UNIX);
    for (const entry of from) if (entry !== UNIX) this.#add(entry);
  }

  /** Whether a socket that the server has accepted is a connection from one of the proxies. */
  has({ remoteAddress, localAddress }: Socket): boolean {
    // A TCP socket that was reset has no remote address any more, either.
    if (remoteAddress === undefined) return this.#hasUnix && localAddress === undefined;
    const address = remoteAddress.replace(/%.*$/, '');
    return this.#addresses.check(address, familyOf(address));
  }

  #add(entry: string): void {
    const [address = '', prefix, ...rest] = typeof entry === 'string' ? entry.split('/') : [];
    const maxBits = isIP(address) === 4 ? 32 : 128;
    const bits = prefix === undefined ? maxBits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
    if (isIP(address) === 0 || address.includes('%') || rest.length > 0 || bits > maxBits) {
      throw new TypeError(
        `The option proxyProtocol.from may contain IP addresses, networks such as 10.0.0.0/8, and unix, not ${entry}.`,
      );
    }
    this.#addresses.addSubnet(address, bits, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
