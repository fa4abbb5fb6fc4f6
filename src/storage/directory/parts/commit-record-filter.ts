/**
 * Record hints: which names may have a record of a commit. Nearly no new part has one, and to look for it on the disk
 * takes a good part of the time that a small file does. One bit stands for all names that begin with the same digits,
 * so that it says yes too often, and no only where a sweep has found no record and this storage has written none.
 *
 * One that another process has written since then is missed. It is of an upload with the same id, which nobody else
 * uses, and says nothing but that this upload was committed.
 */

const DIGITS = 4;

export class CommitRecordFilter {
  readonly #bits = new Uint8Array(16 ** DIGITS / 8);
  #areAll = false;

  /** All that are there have been added. */
  complete(): void {
    this.#areAll = true;
  }

  /** A name has a record. */
  add(name: string): void {
    const bit = bitOf(name);
    this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  /** Whether a name may have one. */
  has(name: string): boolean {
    if (!this.#areAll) return true;
    const bit = bitOf(name);
    return ((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}

/** Names are of hexadecimal digits, and as good as random. */
function bitOf(name: string): number {
  return Number.parseInt(name.slice(0, DIGITS), 16);
}
