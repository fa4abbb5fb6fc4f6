/** Checksums of bodies. In fields they are `crc32:0a1b2c3d` or `sha256:...`, in lower-case hexadecimal. */
import type { Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { protocolError, TransferError } from '../errors.js';
import { lazyBuiltin } from '../lazy-builtin.js';

/** The algorithm of a checksum; `'none'` for no checksum. */
export type ChecksumAlgorithm = 'crc32' | 'sha256' | 'none';

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = ['crc32', 'sha256', 'none'];

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  update(bytes: Uint8Array): void;
  /** The checksum of the bytes so far, in the form of fields; undefined for `'none'`. */
  digest(): string | undefined;
}

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  return makers[algorithm]();
}

const makers = {
  crc32: () => new Crc32(),
  sha256: () => new Sha256(),
  none: () => none,
} satisfies Record<ChecksumAlgorithm, () => Checksum>;

/** Bytes of one call: Node's hashes take less than 2 GiB, and its CRC-32 less than 4 GiB. */
const MAX_UPDATE_BYTES = 1024 ** 3;

function forEachPart(bytes: Uint8Array, update: (part: Uint8Array) => void): void {
  if (bytes.length <= MAX_UPDATE_BYTES) return update(bytes);
  for (let from = 0; from < bytes.length; from += MAX_UPDATE_BYTES)
    update(bytes.subarray(from, from + MAX_UPDATE_BYTES));
}

class Crc32 implements Checksum {
  readonly algorithm = 'crc32';
  #state = 0;

  update(bytes: Uint8Array): void {
    forEachPart(bytes, (part) => (this.#state = crc32(part, this.#state)));
  }

  digest(): string {
    return `crc32:${this.#state.toString(16).padStart(8, '0')}`;
  }
}

class Sha256 implements Checksum {
  readonly algorithm = 'sha256';
  readonly #hash: Hash = lazyBuiltin.crypto.createHash('sha256');

  update(bytes: Uint8Array): void {
    forEachPart(bytes, (part) => this.#hash.update(part));
  }

  digest(): string {
    // A copy, because a hash accepts no more bytes after `digest`.
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}

const none: Checksum = {
  algorithm: 'none',
  update: () => undefined,
  digest: () => undefined,
};

const DIGITS = { crc32: 8, sha256: 64, none: 0 } as const satisfies Record<ChecksumAlgorithm, number>;

/** Whether a text is a checksum of this algorithm. False for `'none'`. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  const prefix = `${algorithm}:`;
  const digits = text.slice(prefix.length);
  return text.startsWith(prefix) && digits.length === DIGITS[algorithm] && /^[0-9a-f]+$/.test(digits);
}

/** Parses the name of an algorithm. Throws ENOTSUP if it is unknown. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (algorithm !== undefined) return algorithm;
  throw new TransferError(
    'ENOTSUP',
    `The checksum algorithm must be one of ${checksumAlgorithms.join(', ')}.`,
  );
}

/** Throws EPROTO unless an answer names the algorithm that its request asked for. A missing name is `'none'`. */
export function assertAlgorithm(asked: ChecksumAlgorithm, named = 'none'): void {
  if (named === asked) return;
  throw protocolError(`The server uses the checksum ${named}, although the request asked for ${asked}.`);
}
