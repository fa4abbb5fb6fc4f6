/**
 * The running checksums of a received body: a data frame may carry the checksum of all bytes before it. The bytes wait in
 * the channel's queue when the header of that frame arrives, so it is kept until they have been added to their checksum.
 *
 *     data frame -> note(offset, checksum) -> ... -> add(sum, piece): up to the offset -> equal? -> the rest of the piece
 */
import { protocolError, TransferError } from '../../errors.js';
import { isChecksum, type Checksum } from '../../protocol/checksum.js';
import { MIN_RUNNING_CHECKSUM_BYTES } from '../../protocol/limits.js';

/** The checksum of the bytes of a body. */
export interface BodySum extends Checksum {
  /** All bytes so far have been compared with the other end's. */
  onVerified?(): void;
}

interface ReceivedChecksum {
  /** Bytes of the body before the frame. */
  readonly offset: number;
  readonly checksum: string;
}

/** Characters of the longest checksum. A longer text is none, whatever it says. */
const MAX_CHECKSUM_LENGTH = 80;

/** Checksums that wait for their bytes, of one channel. Without `takesEach`, the window bounds them first. */
const MAX_WAITING = 1_024;

export class ReceivedChecksums {
  readonly #waiting: ReceivedChecksum[] = [];
  /** Bytes that have been added. */
  #added: number;
  #lastOffset = -Infinity;
  readonly #minBytes: number;

  /**
   * @param added - bytes of the body that have been added to their checksum already
   * @param takesEach - whether to keep checksums however closely they follow
   */
  constructor(added: number, takesEach = false) {
    this.#minBytes = takesEach ? 0 : MIN_RUNNING_CHECKSUM_BYTES;
    this.#added = added;
  }

  /** Keeps a checksum until the bytes before `offset` have been added, unless it follows the last one too closely. */
  note(offset: number, checksum: string): void {
    // At most one for so many bytes: the window bounds their number.
    if (offset - this.#lastOffset < this.#minBytes) return;
    this.#lastOffset = offset;
    // A later one covers the bytes of those before.
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.pop();
    this.#waiting.push({ offset, checksum: checksum.length > MAX_CHECKSUM_LENGTH ? '' : checksum });
  }

  /** Adds the next piece. Throws EBADMSG if the bytes up to a checksum differ, EPROTO if that is not of the algorithm. */
  add(sum: BodySum, piece: Uint8Array): void {
    let rest = piece;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const before = next.offset - this.#added;
      if (before > rest.length) break;
      this.#update(sum, rest.subarray(0, before));
      rest = rest.subarray(before);
      this.#waiting.shift();
      compare(sum, next);
    }
    this.#update(sum, rest);
  }

  #update(sum: BodySum, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    sum.update(bytes);
    this.#added += bytes.length;
  }
}

function compare(sum: BodySum, { offset, checksum }: ReceivedChecksum): void {
  const { algorithm } = sum;
  if (!isChecksum(algorithm, checksum))
    throw protocolError(`The running checksum of a data frame is not of the algorithm ${algorithm}.`);
  if (sum.digest() !== checksum) {
    const reason = `The first ${offset} bytes of the body were damaged on their way: their checksum differs.`;
    throw new TransferError('EBADMSG', reason);
  }
  sum.onVerified?.();
}
