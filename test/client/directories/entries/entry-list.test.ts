/** Lists of entries, also so large ones that they are packed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryList } from '../../../../src/client/directories/entries/entry-list.js';
import type { KeyedEntry } from '../../../../src/client/directories/entries/keyed-entry.js';
import { packEntries, unpackEntries } from '../../../../src/client/directories/entries/pack-entries.js';

const COUNT = 20_000;

const entryOf = (key: string, size = 0): KeyedEntry => ({
  key,
  entry: { name: key, kind: 'file', size, mtimeMs: 1_600_000_000_000 },
  isNamed: true,
});

function listOf(keys: readonly string[]): EntryList {
  const list = new EntryList();
  for (const [index, key] of keys.entries()) list.add(entryOf(key, index));
  return list;
}

const keysOf = (entries: Iterable<KeyedEntry>): string[] => Array.from(entries, ({ key }) => key);

/** Names in no order, of characters whose order in UTF-8 and in UTF-16 differs. */
const keys = Array.from({ length: COUNT }, (_, index) => {
  const number = (index * 7_919) % COUNT;
  return `${['file', '\u{1f600}', '\uff21', '\udc80'][number % 4]}-${number}`;
});

describe('a list of entries', () => {
  it.each([0, 1, 100, COUNT])('has %i entries in the order of their names, again and again', (count) => {
    const some = keys.slice(0, count);
    const sorted = listOf(some).sorted();
    expect(sorted).toHaveLength(count);
    const expected = [...some].sort();
    expect(keysOf(sorted)).toEqual(expected);
    expect(keysOf(sorted)).toEqual(expected);
    expect(keysOf(sorted.take())).toEqual(expected);
  });

  it.each([100, COUNT])('of %i names that were listed twice has each of them once', (count) => {
    const some = keys.slice(0, count);
    expect(keysOf(listOf([...some, ...some]).sorted())).toEqual([...some].sort());
  });

  it('no longer keeps what was taken', () => {
    const sorted = listOf(keys).sorted();
    expect(keysOf(sorted.take())).toHaveLength(COUNT);
    expect(keysOf(sorted)).toEqual([]);
  });
});

describe('packed entries', () => {
  const perhaps = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  const keyed: fc.Arbitrary<KeyedEntry> = fc.record({
    key: fc.oneof(text, fc.constantFrom('\udc80', '\ud800x')),
    isNamed: fc.boolean(),
    entry: fc.record({
      name: text,
      kind: fc.constantFrom('file', 'directory', 'link', 'special'),
      size: fc.nat(Number.MAX_SAFE_INTEGER),
      mtimeMs: fc.integer({ min: -8.64e15, max: 8.64e15 }),
      mode: perhaps(fc.nat(0o777)),
      etag: perhaps(text),
      identity: perhaps(text),
      isLink: perhaps(fc.constant(true as const)),
      isUnreadable: perhaps(fc.boolean()),
    }),
  });

  it('come out as they were', () => {
    const property = fc.property(fc.array(keyed, { maxLength: 20 }), (entries) => {
      expect(unpackEntries(packEntries(entries))).toEqual(entries);
    });
    fc.assert(property);
  });
});
