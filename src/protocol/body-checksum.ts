/** The size and checksum of a body. */
import { protocolError, TransferError } from '../errors.js';
import { createChecksum, isChecksum, type Checksum, type ChecksumAlgorithm } from './checksum.js';

/** Counts the bytes of a body, computes their checksum, and compares both with the other end's. */
export class BodyChecksum {
  /** Bytes so far. */
  bytes = 0;
  readonly #checksum: Checksum;

  constructor(algorithm: ChecksumAlgorithm) {
    this.#checksum = createChecksum(algorithm);
  }

  get algorithm(): ChecksumAlgorithm {
    return this.#checksum.algorithm;
  }

  update(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#checksum.update(bytes);
  }

  /** The checksum of the bytes so far; undefined for `'none'`. */
  digest(): string | undefined {
    return this.#checksum.digest();
  }

  /**
   * Throws EBADMSG unless the other end has the same size and, except for `'none'`, the same checksum; EPROTO if it has
   * none of this algorithm.
   */
  compare(other: { bytes: number | undefined; checksum: string | undefined }): void {
    if (other.bytes !== this.bytes) {
      const reason = `${this.bytes} bytes were received, but ${other.bytes ?? 'no'} bytes were sent.`;
      throw new TransferError('EBADMSG', reason);
    }
    const { algorithm } = this;
    const expected = this.digest();
    if (algorithm === 'none' || other.checksum === expected) return;
    if (other.checksum === undefined || !isChecksum(algorithm, other.checksum)) {
      throw protocolError(`The other end has sent no ${algorithm} checksum, which both ends had agreed on.`);
    }
    const reason = `The checksums differ: the bytes have ${expected}, the other end has ${other.checksum}.`;
    throw new TransferError('EBADMSG', reason);
  }
}
