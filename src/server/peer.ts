/** Who is at the other end of a connection, as far as the connection tells. */
import { isIPv6, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { isLoopback } from '../session/transport/is-loopback.js';

/** What a connection tells of its peer. */
export interface Peer {
  /** Its address, IPv4 in its own form; undefined for a Unix socket or a duplex of the user's own. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Whether the connection is encrypted by TLS. */
  readonly encrypted: boolean;
  /** Its certificate, if TLS has verified it. */
  readonly certificate: PeerCertificate | undefined;
  /** Whether others on the network may read what is said. */
  readonly readable: boolean;
}

/** The peer of a connection. */
export function peerOf(duplex: Duplex | undefined): Peer {
  if (!(duplex instanceof Socket)) return unknownPeer;
  const address = plainAddress(duplex.remoteAddress) ?? goneAddress(duplex);
  const { remotePort: port } = duplex;
  if (duplex instanceof TLSSocket) {
    return { address, port, encrypted: true, certificate: verifiedCertificate(duplex), readable: false };
  }
  const readable = address !== undefined && !isLoopback(address);
  return { address, port, encrypted: false, certificate: undefined, readable };
}

/** TCP that is reset already has no other end any more, but is no Unix socket for that. */
function goneAddress({ localAddress }: Socket): string | undefined {
  return localAddress === undefined ? undefined : 'unknown';
}

/** A session that goes on where an earlier one was counts as verified even if no certificate was ever shown. */
function verifiedCertificate(socket: TLSSocket): PeerCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  return Object.keys(certificate).length > 0 ? certificate : undefined;
}

// A duplex of the user's own: what carries it is theirs to choose.
const unknownPeer: Peer = {
  address: undefined,
  port: undefined,
  encrypted: false,
  certificate: undefined,
  readable: false,
};

/** Who a connection counts as where connections share something: all from one address do, and others each by itself. */
export function originOf({ address }: Peer, connection: number): string {
  return address === undefined ? `connection ${connection}` : addressGroup(address);
}

/** What counts as one peer where peers are counted: an IPv4 address, or an IPv6 network, of which one host has all. */
export function addressGroup(address: string): string {
  // What most addresses are is told without a closer look.
  if (!address.includes(':') || !isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
