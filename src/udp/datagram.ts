/**
 * The datagrams of bodies. A header of 28 bytes, big-endian, then the payload:
 *
 *     type u8 | version u8 | payloadLength u16 | connectionId u32 | packetNumber u48 | channelId u32 | offset u48 | sendTimeUs u32
 *
 * A datagram has extra bytes besides: a token between header and payload, or the tag of a sealed one behind the payload.
 * The upper four bits of the type are flags, which this version does not have.
 */

/** The version in each header. */
const DATAGRAM_VERSION = 1;

/** Bytes of the header. */
export const HEADER_BYTES = 28;

/** Bytes of a datagram that every path is supposed to carry. */
export const MIN_DATAGRAM_BYTES = 1_200;

/** The largest id of a channel whose body can be sent in datagrams. */
export const MAX_DATAGRAM_CHANNEL_ID = 2 ** 32 - 1;

/** The end of the largest body that can be sent in datagrams, and the number of packets of a connection. */
const MAX_U48 = 2 ** 48 - 1;

const U32 = 2 ** 32;

/** What a datagram is for: a part of a body, a probe of the path, or the answer to a probe. */
export const datagramTypes = { data: 1, hello: 2, helloAck: 3 } as const;

export type DatagramType = (typeof datagramTypes)[keyof typeof datagramTypes];

/** The fields of a header. One object is reused for all datagrams. */
export interface DatagramHeader {
  type: DatagramType;
  payloadLength: number;
  connectionId: number;
  /** Counts from 0 for each connection and direction. A payload that is sent again has another number. */
  packetNumber: number;
  /** The channel of the body; 0 unless the type is `data`. */
  channelId: number;
  /** Bytes of the body before the payload; 0 unless the type is `data`. */
  offset: number;
  /** The sender's clock in microseconds modulo 2^32. */
  sendTimeUs: number;
}

/** A header to parse into. */
export function emptyHeader(): DatagramHeader {
  const numbers = { connectionId: 0, packetNumber: 0, channelId: 0, offset: 0, sendTimeUs: 0 };
  return { type: datagramTypes.data, payloadLength: 0, ...numbers };
}

/** Writes a header to the first 28 bytes of a datagram. */
export function writeDatagramHeader(header: Readonly<DatagramHeader>, datagram: Buffer): void {
  datagram[0] = header.type;
  datagram[1] = DATAGRAM_VERSION;
  datagram.writeUInt16BE(header.payloadLength, 2);
  datagram.writeUInt32BE(header.connectionId, 4);
  writeUInt48(datagram, header.packetNumber, 8);
  datagram.writeUInt32BE(header.channelId, 14);
  writeUInt48(datagram, header.offset, 18);
  datagram.writeUInt32BE(header.sendTimeUs, 24);
}

/**
 * Reads the header of a datagram that has `extraBytes` besides header and payload. Returns false if it is none of this
 * version, or if its length differs from that in the header by a byte; `header` is undefined then.
 */
export function parseDatagram(datagram: Buffer, extraBytes: number, header: DatagramHeader): boolean {
  if (datagram.length < HEADER_BYTES + extraBytes || datagram[1] !== DATAGRAM_VERSION) return false;
  const type = datagram[0];
  if (!isDatagramType(type)) return false;
  header.type = type;
  header.payloadLength = datagram.readUInt16BE(2);
  header.connectionId = datagram.readUInt32BE(4);
  header.packetNumber = readUInt48(datagram, 8);
  header.channelId = datagram.readUInt32BE(14);
  header.offset = readUInt48(datagram, 18);
  header.sendTimeUs = datagram.readUInt32BE(24);
  if (datagram.length !== HEADER_BYTES + extraBytes + header.payloadLength) return false;
  return type === datagramTypes.data ? isData(header) : header.channelId === 0 && header.offset === 0;
}

function isDatagramType(value: number | undefined): value is DatagramType {
  return value === datagramTypes.data || value === datagramTypes.hello || value === datagramTypes.helloAck;
}

function isData({ channelId, payloadLength, offset }: DatagramHeader): boolean {
  return channelId > 0 && payloadLength > 0 && offset + payloadLength <= MAX_U48;
}

/** As `Buffer.writeUIntBE(value, at, 6)`, in less than half of the time. */
function writeUInt48(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt16BE(Math.floor(value / U32), at);
  bytes.writeUInt32BE(value % U32, at + 2);
}

function readUInt48(bytes: Buffer, at: number): number {
  return bytes.readUInt16BE(at) * U32 + bytes.readUInt32BE(at + 2);
}
