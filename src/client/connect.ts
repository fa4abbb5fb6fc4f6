/** How a client comes to a connection. */
import { connect, isIP, type Socket } from 'node:net';
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

/** Makes a connection as `Connect` does, but never throws: whoever dials may go on with something else. */
export type Dial = () => Socket | Promise<Duplex>;

/** A TCP port or a Unix socket. */
export type Address = { host: string; port: number } | { path: string };

/** Dials in any way. Later, so that who waits for the connection is told why there is none. */
export function dialLater(make: Connect): Dial {
  return () => Promise.resolve().then(make);
}

/** Connects to an address: to an IP address at once. */
export function connectTcp(where: Address): Dial {
  if ('host' in where && isIP(where.host) !== 0) return dialAtOnce(where.host, where.port);
  const options = { ...where, noDelay: true, allowHalfOpen: true };
  return dialLater(() => connectRead(readPlain, (onread) => connect({ ...options, onread })));
}

/**
 * A connection to an IP address is made one turn later by Node, but at once to a name that is looked up at once. The
 * system connects then while this end makes its session, and not when all of that is done.
 */
function dialAtOnce(address: string, port: number): Dial {
  const family = isIP(address);
  return () => {
    const socket = connectRead(readPlain, (onread) =>
      connect({
        host: NAME_OF_ADDRESS,
        port,
        lookup: (_name, _options, found) => found(null, address, family),
        autoSelectFamily: false,
        noDelay: true,
        allowHalfOpen: true,
        onread,
      }),
    );
    return socket.destroyed ? failureOf(socket) : socket;
  };
}

/** Any name will do that is no address. It is never looked up anywhere. */
const NAME_OF_ADDRESS = 'address';

/** What the system has refused at once is told one turn later. */
function failureOf(socket: Socket): Promise<never> {
  return new Promise((_, reject) => socket.once('error', reject));
}

/** Connects to an address by TLS. Throws a TypeError for options that TLS does not take. */
export function connectTls(where: Address, given: ConnectionOptions): Dial {
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
  return dialLater(() => {
    // What another stream carries is read from that one.
    const socket = given.socket
      ? connectSecured(options)
      : connectRead(readRecords, (onread) => connectSecured(Object.assign({}, options, { onread })));
    return socket.once('connect', () => socket.setNoDelay(true));
  });
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
