/** The order of the entries of a page, which its URL names: `?sort=-size` is the largest first. */
import type { FileEntry } from '../../../protocol/entry.js';

/** The columns of a page by which it can be sorted. */
export const sortKeys = ['name', 'size', 'time'] as const;

export type SortKey = (typeof sortKeys)[number];

export interface SortOrder {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** The order that a URL names; by name, unless it names one. */
export function parseSortOrder(text: string | null): SortOrder {
  const isDescending = text?.startsWith('-') === true;
  const name = isDescending ? text?.slice(1) : text;
  const key = sortKeys.find((known) => known === name);
  return key === undefined ? { key: 'name', isDescending: false } : { key, isDescending };
}

/** The text of an order in a URL. */
export function sortText({ key, isDescending }: SortOrder): string {
  return isDescending ? `-${key}` : key;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Directories come first in any order. */
export function compareEntries({
  key,
  isDescending,
}: SortOrder): (one: FileEntry, other: FileEntry) => number {
  return (one, other) => {
    if (one.kind !== other.kind) return one.kind === 'directory' ? -1 : 1;
    const order = differenceOf(key, one, other) || collator.compare(one.path, other.path);
    return isDescending ? -order : order;
  };
}

function differenceOf(key: SortKey, one: FileEntry, other: FileEntry): number {
  switch (key) {
    case 'name':
      return 0;
    case 'size':
      return one.size - other.size;
    case 'time':
      return one.mtime.getTime() - other.mtime.getTime();
  }
}
