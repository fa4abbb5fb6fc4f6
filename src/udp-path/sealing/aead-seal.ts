/**
 * Datagrams that are encrypted and authenticated: header | ciphertext | tag of 16 bytes. The header is readable, and
 * authenticated with the payload. The nonce is the IV of the key, xor the packet number.
 */
import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import { datagramTypes, HEADER_BYTES, type DatagramHeader } from '../../udp/datagram.js';
import type { DatagramSeal } from './datagram-seal.js';
import { epochOf, type DirectionKeys, type SealKey } from './direction-keys.js';

export const datagramCiphers = ['aes-256-gcm', 'chacha20-poly1305'] as const;

export type DatagramCipher = (typeof datagramCiphers)[number];

const TAG_BYTES = 16;

const TAG = { authTagLength: TAG_BYTES };

/** Where the packet number begins in a header, and in a nonce. */
const NUMBER_AT = 8;
const NUMBER_START = 6;

/** What decides about key and nonce. */
interface Packet {
  readonly type: number | undefined;
  readonly packetNumber: number;
}

export class AeadSeal implements DatagramSeal {
  readonly extraBytes = TAG_BYTES;
  readonly token = new Uint8Array();
  // Node's types know only some names of AEAD ciphers for each overload.
  readonly #cipher: CipherGCMTypes;
  readonly #keys: DirectionKeys;
  readonly #nonce = Buffer.alloc(12);
  /** The keys of the last authentic packet, and of its neighbours in order. */
  readonly #dataKeys = new Map<number, SealKey>();
  #epoch = 0;
  #sealed: Buffer | undefined;

  constructor(cipher: DatagramCipher, keys: DirectionKeys) {
    this.#cipher = cipher as CipherGCMTypes;
    this.#keys = keys;
  }

  seal(datagram: Buffer): Buffer {
    const packet = { type: datagram[0], packetNumber: datagram.readUIntBE(NUMBER_AT, 6) };
    const sealKey = this.#keyOf(packet);
    if (!sealKey) throw new RangeError(`Packet number ${packet.packetNumber} is out of order.`);
    this.#useEpoch(packet);
    const cipher = createCipheriv(this.#cipher, sealKey.key, this.#nonceOf(sealKey, packet), TAG);
    const end = datagram.length;
    const sealed = this.#memory(end + TAG_BYTES);
    const head = datagram.subarray(0, HEADER_BYTES);
    cipher.setAAD(head);
    sealed.set(head);
    sealed.set(cipher.update(datagram.subarray(HEADER_BYTES, end)), HEADER_BYTES);
    cipher.final();
    sealed.set(cipher.getAuthTag(), end);
    return sealed;
  }

  keepLast(): void {
    this.#sealed = undefined;
  }

  open(datagram: Buffer, header: Readonly<DatagramHeader>): Buffer | undefined {
    const sealKey = this.#keyOf(header);
    if (!sealKey) return undefined;
    const end = HEADER_BYTES + header.payloadLength;
    const decipher = createDecipheriv(this.#cipher, sealKey.key, this.#nonceOf(sealKey, header), TAG);
    decipher.setAAD(datagram.subarray(0, HEADER_BYTES));
    decipher.setAuthTag(datagram.subarray(end, end + TAG_BYTES));
    const payload = decipher.update(datagram.subarray(HEADER_BYTES, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    this.#useEpoch(header);
    return payload;
  }

  #memory(length: number): Buffer {
    if (!this.#sealed || this.#sealed.length < length) this.#sealed = Buffer.allocUnsafeSlow(length);
    return this.#sealed.subarray(0, length);
  }

  #nonceOf({ iv }: SealKey, { packetNumber }: Packet): Buffer {
    iv.copy(this.#nonce);
    const high = Math.floor(packetNumber / 2 ** 32);
    this.#nonce.writeUInt16BE(iv.readUInt16BE(NUMBER_START) ^ high, NUMBER_START);
    this.#nonce.writeUInt32BE(
      (iv.readUInt32BE(NUMBER_START + 2) ^ (packetNumber % 2 ** 32)) >>> 0,
      NUMBER_START + 2,
    );
    return this.#nonce;
  }

  /** A forged number must not cost the derivation of a key: only neighbours of the last epoch have one. */
  #keyOf({ type, packetNumber }: Packet): SealKey | undefined {
    if (type !== datagramTypes.data) return this.#keys.hello;
    const epoch = epochOf(packetNumber);
    if (Math.abs(epoch - this.#epoch) > 1) return undefined;
    const known = this.#dataKeys.get(epoch);
    if (known) return known;
    const derived = this.#keys.data(epoch);
    this.#dataKeys.set(epoch, derived);
    return derived;
  }

  /** An authentic packet with a higher number moves the window of keys. */
  #useEpoch({ type, packetNumber }: Packet): void {
    const epoch = epochOf(packetNumber);
    if (type !== datagramTypes.data || epoch <= this.#epoch) return;
    this.#epoch = epoch;
    for (const old of this.#dataKeys.keys()) if (old < epoch - 1) this.#dataKeys.delete(old);
  }
}
