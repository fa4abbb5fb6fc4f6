/**
 * The keys of one direction. They are derived, by HKDF with SHA-256, from 32 bytes that the TLS connection exports. Each
 * 2^22 datagrams have a key of their own, because one key of AES-GCM must not seal more than 2^23 (RFC 9001, 6.6).
 * Probes and their answers have another key, so that their numbers may repeat those of data.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

export interface SealKey {
  readonly key: KeyObject;
  readonly iv: Buffer;
}

/** Bytes that the TLS connection exports for each direction. */
export const DIRECTION_SECRET_BYTES = 32;

const KEY_BYTES = 32;
const IV_BYTES = 12;
const PACKETS_PER_KEY = 2 ** 22;

/** The number of the key of a packet. */
export function epochOf(packetNumber: number): number {
  return Math.floor(packetNumber / PACKETS_PER_KEY);
}

export class DirectionKeys {
  readonly hello: SealKey;
  readonly #secret: Uint8Array;
  readonly #salt: Uint8Array;

  /**
   * @param secret - 32 bytes that only both ends know
   * @param salt - the secret of the path, sent over the control connection
   */
  constructor(secret: Uint8Array, salt: Uint8Array) {
    if (secret.length !== DIRECTION_SECRET_BYTES) {
      throw new RangeError(`The keying material of a direction has 32 bytes, not ${secret.length}.`);
    }
    this.#secret = secret;
    this.#salt = salt;
    this.hello = this.#derive('hello');
  }

  data(epoch: number): SealKey {
    return this.#derive(epoch);
  }

  #derive(name: 'hello' | number): SealKey {
    const bytes = (label: string, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', this.#secret, this.#salt, `${label} ${name}`, length));
    return { key: createSecretKey(bytes('key', KEY_BYTES)), iv: bytes('iv', IV_BYTES) };
  }
}
