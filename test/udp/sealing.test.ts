import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  emptyHeader,
  parseDatagram,
  writeDatagramHeader,
  type DatagramType,
} from '../../src/udp/datagram.js';
import { datagramCiphers } from '../../src/udp-path/sealing/aead-seal.js';
import type { DatagramSeal } from '../../src/udp-path/sealing/datagram-seal.js';
import { pathSeals, type PathSecrets } from '../../src/udp-path/sealing/path-seals.js';
import { secretsOf } from '../support/udp/linked-paths.js';

const PAYLOAD = Buffer.from('payload');

/** The number of packets that one key seals. */
const KEY_PACKETS = 2 ** 22;

const modes = [undefined, ...datagramCiphers] as const;

describe.each(modes)('a seal (%s)', (cipher) => {
  const secrets = secretsOf(cipher);
  const toServer = () => pathSeals('client', secrets).outgoing;
  const atServer = () => pathSeals('server', secrets).incoming;

  it('is opened by the other end, also after changes of keys', () => {
    const [sealing, opening] = [toServer(), atServer()];
    for (const number of [
      0,
      1,
      KEY_PACKETS - 1,
      KEY_PACKETS,
      2,
      2 * KEY_PACKETS + 1,
      3 * KEY_PACKETS,
      2 * KEY_PACKETS,
    ]) {
      expect(opened(opening, sealed(sealing, 1, number))?.equals(PAYLOAD), `packet ${number}`).toBe(true);
    }
  });

  it('has the header unchanged', () => {
    const datagram = sealed(toServer(), 1, 7);
    const header = emptyHeader();
    expect(parseDatagram(datagram, toServer().extraBytes, header)).toBe(true);
    expect(header).toMatchObject({ packetNumber: 7, connectionId: 9, channelId: 3, offset: 11 });
  });

  it('is not opened as a datagram of the other direction', () => {
    const { incoming } = pathSeals('client', secrets);
    expect(opened(incoming, sealed(toServer(), 1, 1))).toBeUndefined();
  });

  it('is not opened with another secret', () => {
    const other = pathSeals('server', secretsOf(cipher)).incoming;
    expect(opened(other, sealed(toServer(), 1, 1))).toBeUndefined();
  });
});

describe.each(datagramCiphers)('a sealed datagram (%s)', (cipher) => {
  const secrets = secretsOf(cipher);

  it('is not opened if any of its bytes differs', () => {
    const datagram = Buffer.from(sealed(pathSeals('client', secrets).outgoing, 1, 5));
    for (let at = 0; at < datagram.length; at += 1) {
      const forged = Buffer.from(datagram);
      forged.writeUInt8(forged.readUInt8(at) ^ 1, at);
      expect(opened(pathSeals('server', secrets).incoming, forged), `byte ${at}`).toBeUndefined();
    }
  });

  it('hides the payload', () => {
    expect(sealed(pathSeals('client', secrets).outgoing, 1, 5).includes(PAYLOAD)).toBe(false);
  });

  it('differs between a HELLO and data with the same number', () => {
    const { outgoing } = pathSeals('client', secrets);
    const data = Buffer.from(sealed(outgoing, 1, 5)).subarray(HEADER_BYTES);
    expect(sealed(outgoing, 2, 5).subarray(HEADER_BYTES).equals(data)).toBe(false);
  });

  it('derives no keys for forged numbers', () => {
    const { outgoing } = pathSeals('client', secrets);
    const opening = pathSeals('server', secrets).incoming;
    const forged = Buffer.from(sealed(outgoing, 1, 5));
    forged.writeUIntBE(2 ** 47, 8, 6);
    expect(opened(opening, forged)).toBeUndefined();
    expect(opened(opening, sealed(outgoing, 1, 5))?.equals(PAYLOAD)).toBe(true);
  });

  it('is copied to other memory while the system holds the last one', () => {
    const { outgoing } = pathSeals('client', secrets);
    const first = sealed(outgoing, 1, 1);
    const copy = Buffer.from(first);
    outgoing.keepLast();
    sealed(outgoing, 1, 2);
    expect(first.equals(copy)).toBe(true);
  });
});

describe('the secrets of a path', () => {
  it('are refused without a cipher if the control connection has TLS', () => {
    const secrets: PathSecrets = { secret: randomBytes(16), isTls: true };
    expect(() => pathSeals('client', secrets)).toThrow('must be encrypted');
    expect(() => pathSeals('server', secrets)).toThrow('must be encrypted');
  });

  it.each([0, 8, 15, 17])('have 16 bytes, not %i', (length) => {
    expect(() => pathSeals('client', { secret: randomBytes(length), isTls: false })).toThrow('16 bytes');
  });
});

function sealed(seal: DatagramSeal, type: DatagramType, packetNumber: number): Buffer {
  const isData = type === 1;
  const datagram = Buffer.alloc(HEADER_BYTES + seal.token.length + PAYLOAD.length);
  const place = { channelId: isData ? 3 : 0, offset: isData ? 11 : 0 };
  writeDatagramHeader(
    { type, payloadLength: PAYLOAD.length, connectionId: 9, packetNumber, sendTimeUs: 1, ...place },
    datagram,
  );
  datagram.set(seal.token, HEADER_BYTES);
  datagram.set(PAYLOAD, HEADER_BYTES + seal.token.length);
  return seal.seal(datagram);
}

function opened(seal: DatagramSeal, datagram: Buffer): Buffer | undefined {
  const header = emptyHeader();
  return parseDatagram(datagram, seal.extraBytes, header) ? seal.open(datagram, header) : undefined;
}
