/**
 * Which upload names may have a commit record, like a Bloom filter: `has` may return true for a name without a record,
 * but false only if no sweep has found a record and this storage has written none. Nearly no new upload has a record,
 * and looking for one on the disk takes a good part of the time of a small upload. One bit stands for all names with the
 * same first digits. It says nothing about folders that no sweep has seen (`KnownFolder.hasAllRecords`).
 *
 * A record that another process has written since the last sweep is missed. It has the same upload id, which no other
 * client uses, and only says that this upload was committed.
 */

const DIGITS = 4;

export class CommitRecordFilter {
  readonly #bits = new Uint8Array(16 ** DIGITS / 8);

  add(name: string): void {
    const bit = bitOf(name);
    this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  /** Whether a name may have a record. */
  has(name: string): boolean {
    const bit = bitOf(name);
    return ((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}

/** Names consist of hexadecimal digits that are as good as random. */
function bitOf(name: string): number {
  return Number.parseInt(name.slice(0, DIGITS), 16);
}
