/** Counts the bytes of a memory storage against its limit. */
import { TransferError } from '../../errors.js';

export class MemorySpace {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws ENOSPC, and reserves nothing, beyond the limit. */
  reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) throw new TransferError('ENOSPC');
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
