/**
 * The beginning of a connection, before its hello.
 *
 *     accepted duplex -> header of a proxy: the address of the client -> TLS: its certificate -> stream for the transport
 */
import type { Duplex } from 'node:stream';
import type { TransferError } from '../../errors.js';
import { peerBehindProxy, peerOf, type Peer } from '../peer.js';
import { readProxyHeader } from './proxy-protocol/read-proxy-header.js';
import type { AcceptedSocket } from './server-context.js';

export interface OpenedStream {
  readonly duplex: Duplex;
  readonly peer: Peer;
  /** The error with which to answer the client's hello. */
  readonly rejection: TransferError | undefined;
}

export interface OpeningHooks {
  /** The error of a connection that is known to be rejected. */
  readonly rejection: TransferError | undefined;
  /**
   * The header of the proxy has arrived, or is refused. Returns the error with which to answer the client's hello. May throw
   * if the connection has ended.
   */
  readonly onProxyHeader: (peer: Peer, refusal: TransferError | undefined) => TransferError | undefined;
}

/** Rejects if the connection is lost or its handshake fails, or with its rejection if no hello can be answered. */
export async function openStream(
  duplex: Duplex,
  { tls, isProxied, peer }: AcceptedSocket,
  { rejection, onProxyHeader }: OpeningHooks,
): Promise<OpenedStream> {
  const header = isProxied ? await readProxyHeader(duplex) : undefined;
  const client = header?.source && { remoteAddress: header.source.address, remotePort: header.source.port };
  const known = header ? peerBehindProxy(peer, client) : peer;
  const reason = header ? onProxyHeader(known, header.refusal) : rejection;
  if (!tls) return { duplex, peer: known, rejection: reason };
  const accepted = await tls.accept(duplex, reason);
  const { address, port } = known;
  return { ...accepted, peer: { ...peerOf(accepted.duplex), ...(isProxied && { address, port }) } };
}
