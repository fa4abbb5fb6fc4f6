/** How a client comes to a connection. */
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectSecured, createSecureContext, type ConnectionOptions } from 'node:tls';
import { fromTlsOption, TLS_PROTOCOL } from '../../protocol/tls.js';
import { plainOnread, tlsOnread } from './onread.js';
import { connectRead } from './socket-reader.js';

/** Makes a connection: a Duplex of bytes, connected or connecting. Rejects, or throws, where it cannot. */
export type Connect = () => Duplex | Promise<Duplex>;

/** A TCP port or a Unix socket. */
export type Address = { host: string; port: number } | { path: string };

/** Connects to an address. */
export function connectTcp(where: Address): Connect {
  const options = { ...where, noDelay: true, allowHalfOpen: true };
  return () => connectRead(plainOnread, (onread) => connect({ ...options, onread }));
}

/** Connects to an address by TLS. Throws a TypeError for options that TLS does not take. */
export function connectTls(where: Address, given: ConnectionOptions): Connect {
  // An IP address is not sent as a name; the certificate is compared with it all the same.
  const servername = 'host' in where && isIP(where.host) === 0 ? where.host : undefined;
  const options = {
    ALPNProtocols: [TLS_PROTOCOL],
    highWaterMark: 256 * 1024,
    ...(servername !== undefined && { servername }),
    ...given,
    ...where,
    // Made once: to read certificates is work.
    secureContext: given.secureContext ?? fromTlsOption(() => createSecureContext(given)),
    allowHalfOpen: true,
  };
  return () => {
    const socket = connectRead(tlsOnread, (onread) => connectSecured(Object.assign({}, options, { onread })));
    return socket.once('connect', () => socket.setNoDelay(true));
  };
}
