/** How a client comes to a connection. */
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  connect as connectSecured,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls';
import { TLS_PROTOCOL } from '../protocol/tls.js';
import { readPlain, readRecords } from './readings.js';
import { connectRead } from './socket-reader.js';

/** Makes a connection: a Duplex of bytes, connected or connecting. Rejects, or throws, where it cannot. */
export type Connect = () => Duplex | Promise<Duplex>;

/** A TCP port or a Unix socket. */
export type Address = { host: string; port: number } | { path: string };

/** Connects to an address. */
export function connectTcp(where: Address): Connect {
  const options = { ...where, noDelay: true, allowHalfOpen: true };
  return () => connectRead(readPlain, (onread) => connect({ ...options, onread }));
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
    secureContext: given.secureContext ?? secureContextOf(given),
    allowHalfOpen: true,
  };
  return () => {
    const socket = connectRead(readRecords, (onread) =>
      connectSecured(Object.assign({}, options, { onread })),
    );
    return socket.once('connect', () => socket.setNoDelay(true));
  };
}

/** Made once: to read certificates is work. */
function secureContextOf(given: ConnectionOptions): SecureContext {
  try {
    return createSecureContext(given);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'unknown';
    throw new TypeError(`The option tls is not what TLS takes: ${reason}`, { cause: thrown });
  }
}
