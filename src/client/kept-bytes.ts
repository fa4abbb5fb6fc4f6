/**
 * What an upload has been given and the server has not acknowledged: kept so that it can be sent once more after a cut,
 * from any stream, also one that cannot be read again. It holds a window at most, for more is not sent.
 */
import { TransferError } from '../errors.js';
import { ByteQueue } from '../session/byte-queue.js';

export class KeptBytes {
  readonly #bytes = new ByteQueue({ isExact: true });
  /** Byte of the file with which the kept ones begin. */
  #from: number;

  /** @param from - byte of the file with which the first one begins that is pushed */
  constructor(from = 0) {
    this.#from = from;
  }

  /** The lowest byte of the file that can be sent once more. */
  get from(): number {
    return this.#from;
  }

  /** The first byte of the file after those that are kept. */
  get to(): number {
    return this.#from + this.#bytes.length;
  }

  /** Keeps the next bytes. They must not be changed any more. */
  push(piece: Uint8Array): void {
    this.#bytes.keep(piece);
  }

  /** Lets go of what comes before a byte of the file. */
  drop(offset: number): void {
    if (offset <= this.#from) return;
    this.#bytes.drop(offset - this.#from);
    this.#from = offset;
  }

  /** All kept bytes from where the server wants them on. Throws EGONE where they are kept no more, or never were. */
  resume(offset: number): Buffer[] {
    if (offset < this.#from || offset > this.to) {
      throw new TransferError('EGONE', 'The server has lost a part of the upload that it had acknowledged.');
    }
    this.drop(offset);
    return this.#bytes.contents();
  }
}
