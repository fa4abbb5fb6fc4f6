/**
 * The bytes of an upload: their checksum, and those that can be sent again after an interruption. A stream keeps what is
 * not acknowledged, so it can be resumed without being read twice.
 *
 *     push -> checksum, #kept        acknowledge(bytes) -> dropped from #kept        resume(offset) -> the bytes to send
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { ByteQueue } from '../../session/channel/byte-queue.js';

/** Which bytes can be sent again. */
export interface UploadSource {
  /** All bytes, if they stay in memory until the upload has ended. */
  readonly whole?: Uint8Array;
  /** Whether written bytes are kept until they are acknowledged: at most a window, because no more is sent. */
  readonly isKept?: boolean;
}

/** Offsets count bytes of the file. */
export class UploadBody {
  readonly #source: UploadSource;
  readonly #kept = new ByteQueue({ isExact: true });
  #check: BodyChecksum;
  #from = 0;
  #channelFrom = 0;
  #acknowledged = 0;

  constructor(algorithm: ChecksumAlgorithm, source: UploadSource) {
    this.#source = source;
    this.#check = new BodyChecksum(algorithm);
  }

  /** Count and checksum of all bytes up to the last written one. */
  get check(): BodyChecksum {
    return this.#check;
  }

  /** The lowest offset that can be sent. */
  get from(): number {
    return this.#from;
  }

  /** The highest offset up to which the server has said that it has the bytes. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Whether written bytes are kept until they are acknowledged. */
  get isKept(): boolean {
    return this.#source.isKept === true;
  }

  /** Sets where writing begins. `check` has the bytes before, at the latest when the first byte is written. */
  begin(offset: number, check: BodyChecksum): void {
    this.#from = offset;
    this.#check = check;
  }

  /** Adds the next bytes. The caller must not change them any more. */
  push(piece: Uint8Array): void {
    this.#check.update(piece);
    if (this.#source.isKept) this.#kept.keep(piece);
  }

  /** All bytes from an offset, as the body of the next channel. Throws EGONE or EPROTO if they cannot be sent. */
  resume(offset: number): readonly Uint8Array[] {
    const { whole } = this.#source;
    if (offset < this.#from) {
      const reason = `The server has lost acknowledged bytes of the upload: it asks for byte ${offset}, and those before ${this.#from} are gone.`;
      throw new TransferError('EGONE', reason);
    }
    const end = whole?.length ?? this.#from + this.#kept.length;
    if (offset > end) {
      const reason = `The server asks for byte ${offset} of an upload of ${end} bytes.`;
      throw new TransferError('EPROTO', reason);
    }
    this.#channelFrom = offset;
    this.acknowledge(0);
    if (whole) return [whole.subarray(offset)];
    return this.#kept.contents();
  }

  /** The server has acknowledged this many bytes of the current channel's body. */
  acknowledge(bytes: number): void {
    const offset = this.#channelFrom + bytes;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    if (!this.#source.isKept || offset <= this.#from) return;
    this.#kept.drop(offset - this.#from);
    this.#from = offset;
  }
}
