/** Merges runs of sorted entries, by a heap of their next ones. */
import type { Keyed } from './sorted-entries.js';

interface Head<Entry> {
  entry: Entry;
  readonly rest: Iterator<Entry>;
}

/** Yields the entries of all runs in the order of their names, and each name once. */
export function* mergeRuns<Entry extends Keyed>(
  runs: readonly Iterable<Entry>[],
): Generator<Entry, undefined, undefined> {
  const heap = headsOf(runs);
  let lastKey: string | undefined;
  for (let [head] = heap; head; [head] = heap) {
    if (head.entry.key !== lastKey) yield head.entry;
    lastKey = head.entry.key;
    const next = head.rest.next();
    if (next.done !== true) head.entry = next.value;
    else {
      const last = heap.pop();
      if (last && last !== head) heap[0] = last;
    }
    sink(heap);
  }
  return undefined;
}

/** The first entries, sorted, which is a heap. */
function headsOf<Entry extends Keyed>(runs: readonly Iterable<Entry>[]): Head<Entry>[] {
  const heads: Head<Entry>[] = [];
  for (const run of runs) {
    const rest = run[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) heads.push({ entry: first.value, rest });
  }
  return heads.sort((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
}

/** Moves the first head behind those that come before it. */
function sink(heap: Head<Keyed>[]): void {
  for (let at = 0; ;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) if (isBefore(heap[child], heap[least])) least = child;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least] as Head<Keyed>, heap[at] as Head<Keyed>];
    at = least;
  }
}

function isBefore(one: Head<Keyed> | undefined, other: Head<Keyed> | undefined): boolean {
  return one !== undefined && other !== undefined && one.entry.key < other.entry.key;
}
