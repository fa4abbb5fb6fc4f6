/** The sizes of datagrams that a handshake probes. The largest one that is answered is used. */
import { MIN_DATAGRAM_BYTES } from '../../udp/datagram.js';

/** UDP payloads over Ethernet (MTU 1,500), PPPoE with IPv6, and common tunnels; and the least that a path must carry. */
const NETWORK_SIZES = [MIN_DATAGRAM_BYTES, 1_372, 1_452, 1_472];

/** An IPv6 header is 20 bytes longer. */
const MAX_IPV6_SIZE = 1_452;

/** Without a network in between. macOS refuses more than 9,216 bytes unless it is configured. */
const SAME_HOST_SIZES = [MIN_DATAGRAM_BYTES, 9_000, 61_000];

export interface SizeRule {
  readonly isSameHost: boolean;
  readonly isIPv6: boolean;
  /** Bytes of the only size besides the smallest, e.g. for jumbo frames. Default: as above. */
  readonly datagramSize?: number | undefined;
  /** The largest datagram that both ends accept. */
  readonly maxDatagram: number;
}

/** In ascending order. */
export function probeSizes({ isSameHost, isIPv6, datagramSize, maxDatagram }: SizeRule): number[] {
  if (datagramSize !== undefined)
    return [...new Set([MIN_DATAGRAM_BYTES, Math.min(datagramSize, maxDatagram)])];
  const sizes = isSameHost ? SAME_HOST_SIZES : NETWORK_SIZES;
  const max = isIPv6 && !isSameHost ? Math.min(maxDatagram, MAX_IPV6_SIZE) : maxDatagram;
  return sizes.filter((size) => size === MIN_DATAGRAM_BYTES || size <= max);
}
