/** The number and checksum of a body's bytes. */
import { TransferError } from '../errors.js';
import { createChecksum, type Checksum, type ChecksumAlgorithm } from './checksum.js';

/** Counts and sums up a body, and compares it with what the other end counted and summed up. */
export class BodyChecksum {
  readonly #checksum: Checksum;
  #bytes = 0;

  constructor(algorithm: ChecksumAlgorithm) {
    this.#checksum = createChecksum(algorithm);
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get algorithm(): ChecksumAlgorithm {
    return this.#checksum.algorithm;
  }

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#checksum.update(bytes);
  }

  /** The checksum of the bytes so far; undefined for `'none'`. */
  digest(): string | undefined {
    return this.#checksum.digest();
  }

  /** Throws EBADMSG unless the other end has the same count and, where there is an algorithm, the same checksum. */
  compare(other: { bytes: number | undefined; checksum: string | undefined }): void {
    if (other.bytes !== this.#bytes) {
      throw new TransferError(
        'EBADMSG',
        `${this.#bytes} bytes have come, and ${other.bytes ?? 'none'} were sent.`,
      );
    }
    if (this.algorithm !== 'none' && other.checksum !== this.digest()) {
      throw new TransferError('EBADMSG', 'The checksums differ.');
    }
  }
}
