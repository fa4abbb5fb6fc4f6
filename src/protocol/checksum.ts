/** Checksums of bodies, and their notation in fields: `crc32:0a1b2c3d`, `sha256:...` in lower-case hexadecimal. */
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { TransferError } from '../errors.js';

/** The name of a checksum's algorithm; `'none'` is the absence of one. */
export type ChecksumAlgorithm = 'crc32' | 'sha256' | 'none';

/** The algorithms that both ends know. */
export const checksumAlgorithms: readonly ChecksumAlgorithm[] = ['crc32', 'sha256', 'none'];

/** A checksum that grows with the bytes. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Takes the next bytes. */
  update(bytes: Uint8Array): void;
  /** The checksum of the bytes so far as a field says it; undefined for `'none'`. */
  digest(): string | undefined;
}

/** A new checksum of no bytes. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  return makers[algorithm]();
}

const makers = {
  crc32: () => new Crc32(),
  sha256: () => new Sha256(),
  none: () => none,
} satisfies Record<ChecksumAlgorithm, () => Checksum>;

class Crc32 implements Checksum {
  readonly algorithm = 'crc32';
  #state = 0;

  update(bytes: Uint8Array): void {
    this.#state = crc32(bytes, this.#state);
  }

  digest(): string {
    return `crc32:${this.#state.toString(16).padStart(8, '0')}`;
  }
}

class Sha256 implements Checksum {
  readonly algorithm = 'sha256';
  readonly #hash: Hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): string {
    // A hash that has said its digest takes no more bytes.
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}

const none: Checksum = {
  algorithm: 'none',
  update: () => undefined,
  digest: () => undefined,
};

const DIGITS = { crc32: 8, sha256: 64, none: 0 } as const satisfies Record<ChecksumAlgorithm, number>;

/** Whether a text is a checksum of an algorithm; nothing is one of `'none'`. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  const prefix = `${algorithm}:`;
  const digits = text.slice(prefix.length);
  return text.startsWith(prefix) && digits.length === DIGITS[algorithm] && /^[0-9a-f]+$/.test(digits);
}

/** The algorithm of a name. Throws ENOTSUP for one that is not known. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (algorithm === undefined) throw new TransferError('ENOTSUP', 'That checksum algorithm is not known.');
  return algorithm;
}
