/** How a client comes to a connection. */
import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/** Makes a connection: a Duplex of bytes, connected or connecting. Rejects, or throws, where it cannot. */
export type Connect = () => Duplex | Promise<Duplex>;

/** Connects to a TCP port or a Unix socket. */
export function connectTcp(where: { host: string; port: number } | { path: string }): Connect {
  const options: NetConnectOpts = { ...where, noDelay: true, allowHalfOpen: true };
  return () => connect(options);
}
