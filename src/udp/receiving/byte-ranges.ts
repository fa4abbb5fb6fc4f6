/** A set of byte offsets as sorted ranges that neither overlap nor touch. */

/** Ranges at most: as many as a sender can have gaps among its unresolved packets. */
const MAX_RANGES = 32_768;

export class ByteRanges {
  /** Start and end in turn, so that a search is a search for one number. */
  readonly #edges: number[] = [];
  /** Bytes in all ranges. */
  bytes = 0;

  get count(): number {
    return this.#edges.length / 2;
  }

  /** Adds the bytes from `start` to before `end`. Returns false, without a change, if there would be too many ranges. */
  add(start: number, end: number): boolean {
    const edges = this.#edges;
    if (edges.length > 0 && start === edges.at(-1)) {
      // The most frequent case: behind a gap, packets arrive in order.
      edges[edges.length - 1] = end;
      this.bytes += end - start;
      return true;
    }
    return this.#insert(start, end);
  }

  /** The end of the range that contains or begins at `offset`; `offset` if there is none. */
  endOfRunAt(offset: number): number {
    const index = this.#firstAbove(offset);
    return index % 2 === 1 ? (this.#edges[index] ?? offset) : offset;
  }

  /** Removes all bytes before `offset`. */
  removeBefore(offset: number): void {
    const index = this.#firstAbove(offset);
    const isInside = index % 2 === 1;
    const removed = this.#edges.splice(0, index, ...(isInside ? [offset] : []));
    if (isInside) removed.push(offset);
    this.bytes -= sizeOf(removed);
  }

  #insert(start: number, end: number): boolean {
    const from = this.#firstAtLeast(start);
    const to = this.#firstAbove(end);
    const isFree = from === to && from % 2 === 0;
    if (isFree && this.count >= MAX_RANGES) return false;
    const before = this.#edges.slice(from - (from % 2), to + (to % 2));
    const added = [...(from % 2 === 0 ? [start] : []), ...(to % 2 === 0 ? [end] : [])];
    this.#edges.splice(from, to - from, ...added);
    const after = this.#edges.slice(from - (from % 2), from + added.length + (to % 2));
    this.bytes += sizeOf(after) - sizeOf(before);
    return true;
  }

  /** The index of the first edge that is at least `offset`. */
  #firstAtLeast(offset: number): number {
    return this.#search((edge) => edge >= offset);
  }

  #firstAbove(offset: number): number {
    return this.#search((edge) => edge > offset);
  }

  #search(isReached: (edge: number) => boolean): number {
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isReached(this.#edges[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function sizeOf(edges: readonly number[]): number {
  let bytes = 0;
  for (let index = 0; index + 1 < edges.length; index += 2)
    bytes += (edges[index + 1] ?? 0) - (edges[index] ?? 0);
  return bytes;
}
