/**
 * The entries of one directory, of which there may be millions. Those of a usual one are in an array.
 *
 *     add -> run of 4,096 entries -> sorted, packed -> ... -> sorted(): the runs are merged while they are iterated
 */
import type { KeyedEntry } from './keyed-entry.js';
import { mergeRuns } from './merge-runs.js';
import { packEntries, unpackEntries } from './pack-entries.js';
import { sortedArray, sortEntries, type SortedEntries } from './sorted-entries.js';

/** Entries that are sorted and packed at once, in about 10 ms, before a garbage collection takes them for old. */
const RUN_ENTRIES = 4_096;

/**
 * Entries in a pack, all of which are unpacked at once. A merge holds a pack of each run: so few that a garbage collection
 * finds most of them used.
 */
const PACK_ENTRIES = 64;

/** Packs that share a buffer, because small buffers take twice as much. */
const CHUNK_PACKS = 8;

interface Chunk {
  readonly bytes: Buffer;
  /** Of each pack. */
  readonly lengths: readonly number[];
}

/** Without what has been taken. */
type Run = (Chunk | undefined)[];

export class EntryList {
  readonly #runs: Run[] = [];
  #open: KeyedEntry[] = [];
  #length = 0;

  /** Adds an entry, in any order. */
  add(entry: KeyedEntry): void {
    this.#length += 1;
    this.#open.push(entry);
    if (this.#open.length >= RUN_ENTRIES) this.#closeRun();
  }

  /** All entries, when the last one has been added. */
  sorted(): SortedEntries<KeyedEntry> {
    if (this.#runs.length === 0) return sortedArray(sortEntries(this.#open));
    this.#closeRun();
    const runs = this.#runs;
    return {
      length: this.#length,
      take: () => mergeRuns(runs.map(taken)),
      [Symbol.iterator]: () => mergeRuns(runs.map(unpacked)),
    };
  }

  #closeRun(): void {
    const entries = sortEntries(this.#open);
    this.#open = [];
    const run: Run = [];
    const chunkEntries = PACK_ENTRIES * CHUNK_PACKS;
    for (let from = 0; from < entries.length; from += chunkEntries)
      run.push(chunkOf(entries.slice(from, from + chunkEntries)));
    this.#runs.push(run);
  }
}

function chunkOf(entries: readonly KeyedEntry[]): Chunk {
  const packs: Buffer[] = [];
  for (let from = 0; from < entries.length; from += PACK_ENTRIES)
    packs.push(packEntries(entries.slice(from, from + PACK_ENTRIES)));
  return { bytes: Buffer.concat(packs), lengths: packs.map(({ length }) => length) };
}

function* unpacked(run: Run): Generator<KeyedEntry, undefined, undefined> {
  for (const chunk of run) yield* entriesOf(chunk);
  return undefined;
}

function* taken(run: Run): Generator<KeyedEntry, undefined, undefined> {
  for (const [index, chunk] of run.entries()) {
    run[index] = undefined;
    yield* entriesOf(chunk);
  }
  return undefined;
}

function* entriesOf(chunk: Chunk | undefined): Generator<KeyedEntry, undefined, undefined> {
  let at = 0;
  for (const length of chunk?.lengths ?? []) {
    if (chunk) yield* unpackEntries(chunk.bytes.subarray(at, at + length));
    at += length;
  }
  return undefined;
}
