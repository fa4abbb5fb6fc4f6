/** How many bytes a memory storage holds, and may hold. */
import { TransferError } from '../../errors.js';

export class MemorySpace {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are taken now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws ENOSPC, and takes nothing, if there is not so much room. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) throw new TransferError('ENOSPC');
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
