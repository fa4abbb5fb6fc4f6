/**
 * The received range of a download. After an interruption the next request carries the checksum of the bytes that were
 * not verified yet, and the server compares them before it continues. If the file may be another version by then, that is
 * the checksum of all bytes.
 *
 *     start ......... since ......... position ......... end
 *         verified    |  unverified   |   still to come
 */
import { protocolError, TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { assertAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { BodySum } from '../../session/channel/received-checksums.js';
import type { FileEntry } from '../../protocol/entry.js';

/** Where a download begins. */
export interface RangeStart {
  /** Offset of the first byte in the file. */
  readonly start: number;
  /** Count and checksum of the bytes that an earlier download has left. */
  readonly resumedSum?: BodyChecksum | undefined;
}

export class ReceivedRange implements BodySum {
  readonly #start: number;
  readonly #whole: BodyChecksum;
  /** Of the bytes from #since. */
  #unverified: BodyChecksum;
  #since: number;
  #end = 0;
  #verifiedBytes = 0;
  #grows = false;

  constructor({ start, resumedSum }: RangeStart, algorithm: ChecksumAlgorithm) {
    this.#start = start;
    this.#since = start;
    this.#whole = resumedSum ?? new BodyChecksum(algorithm);
    this.#unverified = this.#whole;
  }

  /** The offset of the next byte. */
  get position(): number {
    return this.#start + this.#whole.bytes;
  }

  /** Bytes of the whole range; 0 until the server has said what it sends. */
  get total(): number {
    return Math.max(0, this.#end - this.#start);
  }

  /** Whether all announced bytes have arrived. */
  get isComplete(): boolean {
    return this.position >= this.#end;
  }

  /** Count and checksum of all bytes so far. */
  get whole(): BodyChecksum {
    return this.#whole;
  }

  get algorithm(): ChecksumAlgorithm {
    return this.#whole.algorithm;
  }

  /** The checksum of the bytes of the current channel. */
  digest(): string | undefined {
    return this.#unverified.digest();
  }

  /** Bytes at the beginning of the range that the server has confirmed. */
  get verifiedBytes(): number {
    return this.#verifiedBytes;
  }

  onVerified(): void {
    this.#verifiedBytes = this.#whole.bytes;
  }

  /** The request fields for the rest, with the checksum of the unverified bytes, or of all. */
  fields(all: boolean): { offset: number; since?: number; prefix?: string } {
    const offset = this.position;
    const since = all ? this.#start : this.#since;
    const prefix = offset > since ? (all ? this.#whole : this.#unverified).digest() : undefined;
    return prefix === undefined ? { offset } : { offset, since, prefix };
  }

  /** Starts to receive the rest. Throws EPROTO if the server sends another range or has another checksum algorithm. */
  begin(answer: {
    entry: FileEntry;
    offset: number | undefined;
    checksum: string | undefined;
    length: number;
    /** Whether more bytes may follow than are announced. */
    grows?: boolean;
  }): void {
    const { entry, offset, length, grows = false } = answer;
    if (offset !== this.position || entry.size < this.position) {
      throw protocolError(
        `The server sends ${entry.size} bytes from byte ${offset} instead of byte ${this.position}.`,
      );
    }
    const { algorithm } = this.#whole;
    assertAlgorithm(algorithm, answer.checksum);
    if (this.#whole.bytes > 0) this.#unverified = new BodyChecksum(algorithm);
    this.#since = this.position;
    this.onVerified();
    this.#grows = grows;
    this.#end = Math.min(entry.size, this.#start + length);
  }

  /** Adds the next bytes. Throws EPROTO if there are more than the server has announced. */
  update(bytes: Uint8Array): void {
    if (this.#grows) this.#end = Math.max(this.#end, this.position + bytes.length);
    if (this.position + bytes.length > this.#end) {
      throw protocolError(`The server sends bytes beyond ${this.#end}, the announced end.`);
    }
    this.#whole.update(bytes);
    if (this.#unverified !== this.#whole) this.#unverified.update(bytes);
  }

  /** Throws EBADMSG unless the range is complete and matches what the server has sent. */
  finish(sent: { bytes: number | undefined; checksum: string | undefined }): void {
    this.#unverified.compareAnswer(sent);
    if (this.position !== this.#end) {
      throw new TransferError('EBADMSG', `Received bytes up to ${this.position} instead of ${this.#end}.`);
    }
  }
}
