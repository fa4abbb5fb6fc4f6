/**
 * Lossy proxies between the UDP paths of whole clients and their servers. To be used with a mock of `client-path.js`, which
 * calls `throughProxy`.
 */
import type { ClientPathOptions } from '../../../src/udp-path/client-path.js';
import { LossyProxy, type Faults } from './lossy-proxy.js';

let next: LossyProxy | undefined;

/** Opens a proxy for the path that is opened next, and for all later ones up to the next call. */
export async function proxyNextPaths(faults: Faults, seed = 1): Promise<LossyProxy> {
  return (next = await LossyProxy.open(0, faults, seed));
}

/** The options of a path with the address of the proxy, if there is one. */
export function throughProxy(options: ClientPathOptions): ClientPathOptions {
  if (!next) return options;
  next.serverPort = options.server.port;
  return { ...options, server: { ...options.server, port: next.port } };
}
