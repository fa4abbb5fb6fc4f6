/**
 * How far a download has come: what was taken, what of it the server has vouched for, and what to ask for next. After
 * a cut the server compares what came before it, so that the sum of a part that was never ended is no gap.
 *
 *     start ......... since ......... position ......... end
 *       vouched for  |  summed up     |   to come
 */
import { protocolError, TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FileEntry } from '../../protocol/entry.js';

/** Where a download begins, and what of it is at hand already. */
export interface RangeStart {
  /** Byte of the file from which on it is summed up. */
  readonly start: number;
  /** Bytes that an earlier download has left, with their sum. */
  readonly resumedSum?: BodyChecksum | undefined;
}

export class ReceivedRange {
  readonly #start: number;
  /** Of all bytes. */
  #whole: BodyChecksum;
  /** Of the bytes since the last that the server has vouched for. */
  #unverified: BodyChecksum;
  #since: number;
  #end = 0;

  constructor({ start, resumedSum }: RangeStart, algorithm: ChecksumAlgorithm) {
    this.#start = start;
    this.#since = start;
    this.#whole = resumedSum ?? new BodyChecksum(algorithm);
    this.#unverified = this.#whole;
  }

  /** The next byte to come. */
  get position(): number {
    return this.#start + this.#whole.bytes;
  }

  /** Bytes of the whole range; 0 until the server has said what it sends. */
  get total(): number {
    return Math.max(0, this.#end - this.#start);
  }

  /** All bytes so far, summed up. */
  get whole(): BodyChecksum {
    return this.#whole;
  }

  /** The fields that ask for what is to come; what came already the server is to compare. */
  fields(): { offset: number; since?: number; prefix?: string } {
    const offset = this.position;
    const prefix = offset > this.#since ? this.#unverified.digest() : undefined;
    return prefix === undefined ? { offset } : { offset, since: this.#since, prefix };
  }

  /** The server serves what was asked for. Throws EPROTO where it says something else. */
  begin(answer: {
    entry: FileEntry;
    offset: number | undefined;
    checksum: string | undefined;
    length: number;
  }): void {
    const { entry, offset, length } = answer;
    if (offset !== this.position || entry.size < this.position) {
      throw protocolError('The server sends another part of the file than was asked for.');
    }
    const algorithm = parseChecksumAlgorithm(answer.checksum ?? 'none');
    if (this.#whole.bytes === 0) {
      this.#whole = this.#unverified = new BodyChecksum(algorithm);
    } else if (algorithm !== this.#whole.algorithm) {
      throw protocolError('The server sums up with another algorithm than before.');
    } else {
      this.#unverified = new BodyChecksum(algorithm);
    }
    this.#since = this.position;
    this.#end = Math.min(entry.size, this.#start + length);
  }

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    this.#whole.update(bytes);
    if (this.#unverified !== this.#whole) this.#unverified.update(bytes);
  }

  /** Throws EBADMSG unless all has come, and is what the server says that it has sent. */
  finish(sent: { bytes: number | undefined; checksum: string | undefined }): void {
    this.#unverified.compare(sent);
    if (this.position !== this.#end) {
      throw new TransferError('EBADMSG', 'The file that came has not the size that was said.');
    }
  }
}
