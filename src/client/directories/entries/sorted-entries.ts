/** Entries of a directory in the order of their names. */

/** Something with a name on the server. */
export interface Keyed {
  readonly key: string;
}

/** May be iterated again and again. Each name occurs once. */
export interface SortedEntries<Entry extends Keyed> extends Iterable<Entry> {
  /** Number of entries; may count a name twice that was listed twice. */
  readonly length: number;
  /** Iterates for the last time: what was taken is no longer kept. */
  take(): Iterable<Entry>;
}

/** Entries of an array, which has their order. */
export function sortedArray<Entry extends Keyed>(entries: readonly Entry[]): SortedEntries<Entry> {
  const { length } = entries;
  return { length, take: () => entries, [Symbol.iterator]: () => entries[Symbol.iterator]() };
}

/** Sorts entries by their names, each of which stays once: a directory that changes while it is listed may give a name twice. */
export function sortEntries<Entry extends Keyed>(entries: Entry[]): Entry[] {
  entries.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1));
  const isRepeated = ({ key }: Entry, index: number): boolean => key === entries[index - 1]?.key;
  return entries.some(isRepeated) ? entries.filter((entry, index) => !isRepeated(entry, index)) : entries;
}
