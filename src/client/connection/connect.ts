/** Connects to a server by TCP, a Unix socket or TLS. */
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { lazyBuiltin } from '../../lazy-builtin.js';
import { fromTlsOption, TLS_PROTOCOL } from '../../protocol/tls.js';
import { connectRead, plainOnread, tlsOnread } from './socket-reader.js';

/** Makes a connection: a Duplex of bytes, connected or connecting. Rejects or throws on failure. */
export type Connect = () => Duplex | Promise<Duplex>;

/** A TCP port or a Unix socket. */
export type Address = { host: string; port: number } | { path: string };

/** Connects without TLS. */
export function connectTcp(where: Address): Connect {
  const options = { ...where, noDelay: true, allowHalfOpen: true };
  return () => connectRead(plainOnread, (onread) => connect({ ...options, onread }));
}

/** Connects with TLS. Throws a TypeError for options that `node:tls` refuses. */
export function connectTls(where: Address, given: ConnectionOptions): Connect {
  // SNI has no IP addresses; the certificate is checked against the address all the same.
  const servername = 'host' in where && isIP(where.host) === 0 ? where.host : undefined;
  const options = {
    ALPNProtocols: [TLS_PROTOCOL],
    highWaterMark: 256 * 1024,
    ...(servername !== undefined && { servername }),
    ...given,
    ...where,
    // Once: parsing certificates is expensive.
    secureContext: given.secureContext ?? fromTlsOption(() => lazyBuiltin.tls.createSecureContext(given)),
    allowHalfOpen: true,
  };
  return () => {
    const socket = connectRead(tlsOnread, (onread) =>
      lazyBuiltin.tls.connect(Object.assign({}, options, { onread })),
    );
    return socket.once('connect', () => socket.setNoDelay(true));
  };
}
