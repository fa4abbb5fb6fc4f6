/** A DATA with any values, as hostile ends send it. */
import { datagramTypes, HEADER_BYTES, writeDatagramHeader } from '../../../src/udp/datagram.js';
import type { DatagramSeal } from '../../../src/udp-path/sealing/datagram-seal.js';

/** The fields of the header, and the payload. */
export interface DataParts {
  readonly connectionId: number;
  readonly channelId: number;
  readonly packetNumber: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export function dataDatagram(seal: DatagramSeal, { bytes, ...fields }: DataParts): Buffer {
  const { token } = seal;
  const datagram = Buffer.alloc(HEADER_BYTES + token.length + bytes.length);
  const header = { ...fields, type: datagramTypes.data, payloadLength: bytes.length, sendTimeUs: 0 };
  writeDatagramHeader(header, datagram);
  datagram.set(token, HEADER_BYTES);
  datagram.set(bytes, HEADER_BYTES + token.length);
  return seal.seal(datagram);
}
