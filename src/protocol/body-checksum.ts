/** The size and checksum of a body. */
import { protocolError, TransferError } from '../errors.js';
import { createChecksum, isChecksum, type Checksum, type ChecksumAlgorithm } from './checksum.js';
import { RUNNING_CHECKSUM_BYTES } from './limits.js';

/** Counts the bytes of a body, computes their checksum, and compares both with the other end's. */
export class BodyChecksum {
  /** Bytes so far. */
  bytes = 0;
  readonly #checksum: Checksum;
  /** Where the next running checksum is due. */
  #nextRunning: number;

  constructor(algorithm: ChecksumAlgorithm) {
    this.#checksum = createChecksum(algorithm);
    this.#nextRunning = algorithm === 'crc32' ? RUNNING_CHECKSUM_BYTES : Infinity;
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

  /** The checksum for a data frame that begins here, about once a MiB; undefined if none is due. Only CRC-32 is cheap enough. */
  takeRunning(): string | undefined {
    if (this.bytes < this.#nextRunning) return undefined;
    this.#nextRunning = this.bytes + RUNNING_CHECKSUM_BYTES;
    return this.digest();
  }

  /** Bytes until the next running checksum is due; 0 or less if it is. */
  get bytesToRunning(): number {
    return this.#nextRunning - this.bytes;
  }

  /** Throws EBADMSG unless the other end has the same size and, except for `'none'`, the same checksum. */
  compare(other: { bytes: number | undefined; checksum: string | undefined }): void {
    if (other.bytes !== this.bytes) {
      const reason = `${this.bytes} bytes were received, but ${other.bytes ?? 'no'} bytes were sent.`;
      throw new TransferError('EBADMSG', reason);
    }
    const expected = this.digest();
    if (this.algorithm !== 'none' && other.checksum !== expected) {
      const reason = `The checksums differ: the bytes have ${expected}, the other end has ${other.checksum ?? 'none'}.`;
      throw new TransferError('EBADMSG', reason);
    }
  }

  /** Compares like `compare`. Throws EPROTO if the answer of a server has no checksum of this algorithm. */
  compareAnswer(answer: { bytes: number | undefined; checksum: string | undefined }): void {
    const { algorithm } = this;
    const { bytes, checksum = '' } = answer;
    if (bytes === this.bytes && algorithm !== 'none' && !isChecksum(algorithm, checksum)) {
      throw protocolError(`The server has sent no ${algorithm} checksum, which both ends had agreed on.`);
    }
    this.compare(answer);
  }
}
