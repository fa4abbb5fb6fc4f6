/** The option `proxyProtocol`: declared and checked here. */
import { rejectUnknownOptions } from '../../../options/option.js';
import { NamedProxies } from './named-proxies.js';

/** Options for a server behind proxies that announce the address of each client. */
export interface ProxyProtocolOptions {
  /**
   * The proxies: IP addresses, networks such as `'10.0.0.0/8'`, and `'unix'` for every connection to a Unix socket. A
   * connection from one of them must begin with a header of the PROXY protocol, of version 1 or 2. Name only addresses
   * from which no client connects directly: the server believes what they announce.
   */
  readonly from: readonly string[];
}

/** Checks the option. Throws a TypeError if it is wrong. */
export function namedProxies(option: ProxyProtocolOptions | undefined): NamedProxies | undefined {
  if (option === undefined) return undefined;
  rejectUnknownOptions('proxyProtocol', option, ['from']);
  if (!Array.isArray(option.from) || option.from.length === 0) {
    throw new TypeError('The option proxyProtocol.from must be an array that names at least one proxy.');
  }
  return new NamedProxies(option.from);
}
