/**
 * Datagrams in clear: 8 bytes of the secret between header and payload. They keep out datagrams of hosts that cannot read
 * the connection. A host that can read it can forge them, as it can forge the control connection.
 */
import { timingSafeEqual } from 'node:crypto';
import { HEADER_BYTES, type DatagramHeader } from '../../udp/datagram.js';
import type { DatagramSeal } from './datagram-seal.js';

export const TOKEN_BYTES = 8;

const PAYLOAD_START = HEADER_BYTES + TOKEN_BYTES;

export class TokenSeal implements DatagramSeal {
  readonly extraBytes = TOKEN_BYTES;
  readonly token: Uint8Array;

  constructor(token: Uint8Array) {
    if (token.length !== TOKEN_BYTES) throw new RangeError(`A token has 8 bytes, not ${token.length}.`);
    this.token = token;
  }

  seal(datagram: Buffer): Buffer {
    return datagram;
  }

  keepLast(): void {
    // It returns the memory of the sender, which does not change while the datagram is unacknowledged.
  }

  open(datagram: Buffer, header: Readonly<DatagramHeader>): Buffer | undefined {
    const isAuthentic = timingSafeEqual(datagram.subarray(HEADER_BYTES, PAYLOAD_START), this.token);
    return isAuthentic ? datagram.subarray(PAYLOAD_START, PAYLOAD_START + header.payloadLength) : undefined;
  }
}
