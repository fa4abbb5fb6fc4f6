/**
 * The bytes of an upload: their sum, and which of them can be sent again after a cut. So any stream can be resumed, also
 * one that cannot be read again.
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { ByteQueue } from '../../session/channel/byte-queue.js';

/** What can be sent again. */
export interface UploadSource {
  /** All bytes, if they are in memory until the upload is over. */
  readonly whole?: Uint8Array;
  /** Whether what is written is kept until the server acknowledges it: a window at most, because more is not sent. */
  readonly isKept?: boolean;
}

/** Offsets count bytes of the file. */
export class UploadBody {
  readonly #source: UploadSource;
  readonly #kept = new ByteQueue({ isExact: true });
  #check: BodyChecksum;
  #from = 0;
  #channelFrom = 0;

  constructor(algorithm: ChecksumAlgorithm, source: UploadSource) {
    this.#source = source;
    this.#check = new BodyChecksum(algorithm);
  }

  /** Number and checksum of all bytes up to the last one that was written. */
  get check(): BodyChecksum {
    return this.#check;
  }

  /** The lowest byte that can be sent. */
  get from(): number {
    return this.#from;
  }

  /** What is written begins with this byte; all bytes before are summed up elsewhere, until the first one is written. */
  begin(offset: number, sum: BodyChecksum): void {
    this.#from = offset;
    this.#check = sum;
  }

  /** Adds the next bytes, which must not be changed any more. */
  push(piece: Uint8Array): void {
    this.#check.update(piece);
    if (this.#source.isKept) this.#kept.keep(piece);
  }

  /** All bytes from this one on, with which a channel's body begins. Throws if that byte cannot be sent. */
  resume(offset: number): readonly Uint8Array[] {
    const { whole } = this.#source;
    if (offset < this.#from) {
      throw new TransferError('EGONE', 'The server has lost a part of the upload that it had acknowledged.');
    }
    if (offset > (whole?.length ?? this.#from + this.#kept.length)) {
      throw new TransferError('EPROTO', 'The server has more than there is to send.');
    }
    this.#channelFrom = offset;
    if (whole) return [whole.subarray(offset)];
    this.#drop(offset);
    return this.#kept.contents();
  }

  /** The server has taken in so many bytes of the current channel's body. */
  acknowledge(bytes: number): void {
    if (this.#source.isKept) this.#drop(this.#channelFrom + bytes);
  }

  #drop(offset: number): void {
    if (offset <= this.#from) return;
    this.#kept.drop(offset - this.#from);
    this.#from = offset;
  }
}
