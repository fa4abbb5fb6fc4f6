/**
 * The header of the PROXY protocol, with which a proxy announces the address of its client. The specification is
 * `doc/proxy-protocol.txt` of HAProxy.
 */

/**
 * Bytes within which every header ends. A bound of this server: version 1 needs 107, but a proxy may add the certificate of
 * its client to version 2.
 */
export const MAX_PROXY_HEADER_BYTES = 4_096;

export interface ProxySource {
  /** IPv4 or IPv6 address of the client, in any valid spelling. */
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  /** Bytes of the header; the bytes of the client follow it. */
  readonly length: number;
  /** The announced client; undefined if the proxy connects on its own behalf, or does not know a TCP address. */
  readonly source: ProxySource | undefined;
}
