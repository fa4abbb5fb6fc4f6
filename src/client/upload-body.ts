/** The bytes of an upload: their sum, and which of them can be sent again after a cut. */
import { TransferError } from '../errors.js';
import { BodyCheck, type ChecksumAlgorithm } from '../protocol/checksum.js';
import { ByteQueue } from './byte-queue.js';

/** Offsets count bytes of the file. */
export interface UploadBody {
  /** Number and checksum of all bytes up to the last one that was written. */
  readonly check: BodyCheck;
  /** The lowest byte that can be sent. */
  readonly from: number;
  /** Adds the next bytes, which must not be changed any more. */
  push(piece: Uint8Array): void;
  /** All bytes from this one on, with which a channel's body begins. Throws if that byte cannot be sent. */
  resume(offset: number): readonly Uint8Array[];
  /** The server has taken in so many bytes of the current channel's body. */
  acknowledge(bytes: number): void;
}

/** An upload that an earlier process may have begun, of a source that can be read from any byte on. */
export interface EarlierUpload {
  /** The id under which it was begun: 32 lower-case hexadecimal digits. */
  readonly id: string;
  /**
   * Called with the first byte that is to be written. No byte may be written before. Returns the sum of all bytes
   * before that one, which must be complete when the first byte is written.
   */
  readonly begin: (offset: number) => BodyCheck;
}

/**
 * A body that is written piece by piece. It keeps what the server has not acknowledged, so that any stream can be
 * resumed, also one that cannot be read again. That is a window at most, because more is not sent.
 */
export class StreamBody implements UploadBody {
  check: BodyCheck;
  readonly #kept = new ByteQueue();
  readonly #isKept: boolean;
  #begin: EarlierUpload['begin'] | undefined;
  #from = 0;
  #channelFrom = 0;

  constructor(
    algorithm: ChecksumAlgorithm,
    { isKept, begin }: { isKept: boolean; begin: EarlierUpload['begin'] | undefined },
  ) {
    this.check = new BodyCheck(algorithm);
    this.#isKept = isKept;
    this.#begin = begin;
  }

  get from(): number {
    return this.#from;
  }

  push(piece: Uint8Array): void {
    this.check.update(piece);
    if (this.#isKept) this.#kept.push(piece);
  }

  resume(offset: number): readonly Uint8Array[] {
    if (this.#begin) {
      this.check = this.#begin(offset);
      this.#begin = undefined;
      this.#from = offset;
    }
    if (offset < this.#from || offset > this.#from + this.#kept.length) {
      throw new TransferError('EGONE', 'The server has lost a part of the upload that it had acknowledged.');
    }
    this.#drop(offset);
    this.#channelFrom = offset;
    return this.#kept.contents();
  }

  acknowledge(bytes: number): void {
    this.#drop(this.#channelFrom + bytes);
  }

  #drop(offset: number): void {
    if (offset <= this.#from || !this.#isKept) return;
    this.#kept.drop(offset - this.#from);
    this.#from = offset;
  }
}

/** A body that stays in memory as a whole until the upload is over, and can be sent from any byte on. */
export class BufferBody implements UploadBody {
  readonly check: BodyCheck;
  readonly from = 0;
  readonly #bytes: Uint8Array;

  constructor(algorithm: ChecksumAlgorithm, bytes: Uint8Array) {
    this.check = new BodyCheck(algorithm);
    this.#bytes = bytes;
  }

  push(piece: Uint8Array): void {
    this.check.update(piece);
  }

  resume(offset: number): readonly Uint8Array[] {
    if (offset <= this.#bytes.length) return [this.#bytes.subarray(offset)];
    throw new TransferError('EPROTO', 'The server has more than there is to send.');
  }

  acknowledge(): void {
    // All bytes stay: the caller holds them anyway.
  }
}
