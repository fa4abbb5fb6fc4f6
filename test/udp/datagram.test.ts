import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  MAX_DATAGRAM_CHANNEL_ID,
  datagramTypes,
  emptyHeader,
  parseDatagram,
  writeDatagramHeader,
  type DatagramHeader,
} from '../../src/udp/datagram.js';

const data: DatagramHeader = {
  type: datagramTypes.data,
  payloadLength: 3,
  connectionId: 0xfedcba98,
  packetNumber: 0x0123_4567_89ab,
  channelId: MAX_DATAGRAM_CHANNEL_ID,
  offset: 2 ** 48 - 4,
  sendTimeUs: 0x89abcdef,
};

function datagramOf(header: DatagramHeader, extraBytes = 0, payloadBytes = header.payloadLength): Buffer {
  const datagram = Buffer.alloc(HEADER_BYTES + extraBytes + payloadBytes);
  writeDatagramHeader(header, datagram);
  return datagram;
}

function isValid(datagram: Buffer, extraBytes = 0): boolean {
  return parseDatagram(datagram, extraBytes, emptyHeader());
}

describe('the header of a datagram', () => {
  it('has 28 bytes, big-endian', () => {
    const parts = [
      '01', // data
      '01', // version
      '0003', // payload length
      'fedcba98', // connection
      '0123456789ab', // packet number
      'ffffffff', // channel
      'fffffffffffc', // offset
      '89abcdef', // time of sending
    ];
    expect(datagramOf(data).subarray(0, HEADER_BYTES).toString('hex')).toBe(parts.join(''));
  });

  it('is read as it was written, for all values', () => {
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    const headers = fc.record({
      type: fc.constant(datagramTypes.data),
      payloadLength: fc.integer({ min: 1, max: 2_000 }),
      connectionId: u32,
      packetNumber: u48,
      channelId: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      offset: fc.integer({ min: 0, max: 2 ** 48 - 2_001 }),
      sendTimeUs: u32,
    });
    fc.assert(
      fc.property(headers, fc.integer({ min: 0, max: 16 }), (header, extraBytes) => {
        const into = emptyHeader();
        expect(parseDatagram(datagramOf(header, extraBytes), extraBytes, into)).toBe(true);
        expect(into).toEqual(header);
      }),
    );
  });

  it('of a probe has neither channel nor offset', () => {
    for (const type of [datagramTypes.hello, datagramTypes.helloAck]) {
      expect(isValid(datagramOf({ ...data, type, channelId: 0, offset: 0 }))).toBe(true);
      expect(isValid(datagramOf({ ...data, type, channelId: 0, offset: 0, payloadLength: 0 }))).toBe(true);
      expect(isValid(datagramOf({ ...data, type, channelId: 1, offset: 0 }))).toBe(false);
      expect(isValid(datagramOf({ ...data, type, channelId: 0, offset: 1 }))).toBe(false);
    }
  });

  it.each([
    ['an empty payload', datagramOf({ ...data, payloadLength: 0 })],
    ['no channel', datagramOf({ ...data, channelId: 0 })],
    ['an end beyond 48 bits', datagramOf({ ...data, offset: 2 ** 48 - 3 })],
    ['a byte too many', datagramOf(data, 0, 4)],
    ['a byte too few', datagramOf(data, 0, 2)],
    ['nothing at all', Buffer.alloc(0)],
    ['a part of a header', datagramOf(data).subarray(0, HEADER_BYTES - 1)],
    ['another version', withByte(1, 2)],
    ['an unknown type', withByte(0, 4)],
    ['a flag', withByte(0, 0x11)],
  ])('is refused with %s', (_, datagram) => {
    expect(isValid(datagram)).toBe(false);
  });

  it('is refused without the extra bytes of the connection', () => {
    expect(isValid(datagramOf(data, 8), 8)).toBe(true);
    expect(isValid(datagramOf(data, 8), 0)).toBe(false);
    expect(isValid(datagramOf(data, 0), 8)).toBe(false);
    expect(isValid(datagramOf(data, 8), 16)).toBe(false);
  });
});

describe('any bytes', () => {
  it('are read without an exception, and only accepted with a fitting length', () => {
    const header = emptyHeader();
    const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 16 }), fc.boolean(), (datagram, extraBytes, isLikely) => {
        if (isLikely && datagram.length > 4) {
          datagram[0] = 1;
          datagram[1] = 1;
          datagram.writeUInt16BE(Math.max(0, datagram.length - HEADER_BYTES - extraBytes), 2);
        }
        if (!parseDatagram(datagram, extraBytes, header)) return;
        expect(HEADER_BYTES + extraBytes + header.payloadLength).toBe(datagram.length);
        expect(header.offset + header.payloadLength).toBeLessThan(2 ** 48);
      }),
      { numRuns: 2_000 },
    );
  });
});

function withByte(at: number, value: number): Buffer {
  const datagram = datagramOf(data);
  datagram[at] = value;
  return datagram;
}
