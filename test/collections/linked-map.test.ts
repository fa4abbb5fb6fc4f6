import { describe, expect, it } from 'vitest';
import { LinkedMap } from '../../src/collections/linked-map.js';

function mapOf(...values: string[]): LinkedMap<number, string> {
  const map = new LinkedMap<number, string>();
  for (const [index, value] of values.entries()) map.set(index, value);
  return map;
}

describe('a linked map', () => {
  it('finds a value, removes it from any position, and keeps the order of the others', () => {
    const map = mapOf('a', 'b', 'c', 'd');
    expect([map.delete(1), map.delete(7)]).toEqual(['b', undefined]);
    map.moveToEnd(0);
    map.moveToEnd(7);
    expect(map.values()).toEqual(['c', 'd', 'a']);
    expect([map.first, map.last, map.size]).toEqual(['c', 'a', 3]);
    expect([map.get(3), map.has(3), map.get(1), map.has(1)]).toEqual(['d', true, undefined, false]);
  });

  it('forgets the key of a value that is removed from the front', () => {
    const map = mapOf('a', 'b');
    expect([map.shift(), map.has(0), map.size]).toEqual(['a', false, 1]);
    map.set(0, 'c');
    expect([map.shift(), map.shift(), map.shift()]).toEqual(['b', 'c', undefined]);
    expect([map.size, map.first, map.last, map.has(0)]).toEqual([0, undefined, undefined, false]);
  });

  it('keeps each value under its key while many are added and removed', () => {
    const map = new LinkedMap<number, string>();
    for (let key = 0; key < 1_000; key++) {
      map.set(key, `value ${key}`);
      if (key % 3 === 0) map.moveToEnd(key - 1);
      if (key >= 100) expect(map.delete(key - 100)).toBe(`value ${key - 100}`);
    }
    expect(map.values().sort()).toEqual(
      Array.from({ length: 100 }, (_, index) => `value ${900 + index}`).sort(),
    );
    for (let key = 900; key < 1_000; key++) expect(map.get(key)).toBe(`value ${key}`);
  });

  it('iterates over the current values during removals', () => {
    const map = mapOf('a', 'b', 'c');
    for (const _ of map.values()) map.shift();
    expect([map.size, map.values()]).toEqual([0, []]);
  });
});
