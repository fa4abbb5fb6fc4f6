/** The peer of a connection: its address, its certificate, and the group of addresses with which it shares limits. */
import { isIP, isIPv6, Socket, SocketAddress } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { flagOption, integerOption, rejectUnknownOptions } from '../options/option.js';
import { isLoopback } from '../session/transport/is-loopback.js';

/** What the program knows of the client of a connection that it passes to the server. */
export interface AcceptOptions {
  /** IP address of the client, e.g. as a proxy has announced it. */
  readonly remoteAddress: string;
  /** Port of the client. Default: unknown. */
  readonly remotePort?: number | undefined;
  /**
   * Whether the connection is encrypted on its whole way from the client. Without encryption, the server accepts no
   * credentials, unless its option `allowUnencryptedCredentials` is set. Default: whether the stream is a TLS socket.
   */
  readonly encrypted?: boolean | undefined;
}

export interface Peer {
  /** IPv4 addresses in dotted form; undefined for a Unix socket, and for a duplex of the user. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Whether the connection uses TLS. */
  readonly encrypted: boolean;
  /** The client's certificate, if TLS has verified it. */
  readonly certificate: PeerCertificate | undefined;
  /** Whether no other machine can read the traffic: TLS, loopback, a Unix socket, or a duplex of the user. */
  readonly isPrivate: boolean;
  /** Whether the client had reset the connection before the server accepted it, so that nothing is known of the client. */
  readonly isLost: boolean;
}

export function peerOf(duplex: Duplex | undefined): Peer {
  if (!(duplex instanceof Socket)) return unknownPeer;
  const known = plainAddress(duplex.remoteAddress);
  // A TCP socket that was reset has no remote address any more, but must not count as a Unix socket.
  const isLost = known === undefined && duplex.localAddress !== undefined;
  const address = isLost ? 'unknown' : known;
  const { remotePort: port } = duplex;
  if (duplex instanceof TLSSocket) {
    const certificate = verifiedCertificate(duplex);
    return { address, port, encrypted: true, certificate, isPrivate: true, isLost };
  }
  const isPrivate = address === undefined || isLoopback(address);
  return { address, port, encrypted: false, certificate: undefined, isPrivate, isLost };
}

/**
 * The peer of a stream whose client is on the other side of a proxy. The address of the client tells nothing about the way
 * of its bytes: only encryption keeps them private, even if proxy and client are on the loopback interface.
 */
export function peerBehindProxy(own: Peer, client: AcceptOptions | undefined): Peer {
  if (!client) return { ...own, isPrivate: own.encrypted };
  const { remoteAddress, remotePort: port, encrypted = own.encrypted } = client;
  return { ...own, address: canonicalAddress(remoteAddress), port, encrypted, isPrivate: encrypted };
}

/** The peer of a stream of the program. Throws a TypeError for wrong options. */
export function acceptedPeer(duplex: Duplex | undefined, options: AcceptOptions | undefined): Peer {
  const own = peerOf(duplex);
  if (options === undefined) return own;
  rejectUnknownOptions('accept', options, ['remoteAddress', 'remotePort', 'encrypted']);
  const { remoteAddress, remotePort } = options;
  if (typeof remoteAddress !== 'string' || isIP(remoteAddress) === 0) {
    throw new TypeError(`The option remoteAddress must be an IP address, not ${remoteAddress}.`);
  }
  integerOption('remotePort', remotePort, { min: 0, max: 65_535, default: 0 });
  flagOption('encrypted', options.encrypted);
  return peerBehindProxy(own, options);
}

/** A resumed TLS session is `authorized` even if no certificate was sent. */
function verifiedCertificate(socket: TLSSocket): PeerCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  return Object.keys(certificate).length > 0 ? certificate : undefined;
}

const unknownPeer: Peer = {
  address: undefined,
  port: undefined,
  encrypted: false,
  certificate: undefined,
  isPrivate: true,
  isLost: false,
};

/** The key under which a connection shares limits: one for each group of addresses, or for a connection without one. */
export function originOf({ address }: Peer, connection: number): string {
  return address === undefined ? `connection ${connection}` : addressGroup(address);
}

/** An IPv4 address, or the /64 network of an IPv6 address, since one host usually has all addresses of a /64. */
export function addressGroup(address: string): string {
  // Most addresses need no parsing.
  if (!address.includes(':') || !isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

/** One spelling for each address, so that limits and logs see one client. */
function canonicalAddress(address: string): string | undefined {
  const isScoped = address.includes('%');
  if (isScoped || !isIPv6(address)) return address;
  return plainAddress(new SocketAddress({ address, family: 'ipv6' }).address);
}

function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
