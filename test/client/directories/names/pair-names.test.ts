/** Pairs of names, also those of large directories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedArray } from '../../../../src/client/directories/entries/sorted-entries.js';
import { pairNames } from '../../../../src/client/directories/names/pair-names.js';

const COUNT = 300_000;
const names = keyed(Array.from({ length: COUNT }, (_, index) => `file-${index}`));
const folding = { isLikely: false, isSame: () => Promise.resolve(false) };

/** Entries in the order of their names. */
function keyed(all: readonly string[]): { key: string }[] {
  return [...new Set(all)].sort().map((key) => ({ key }));
}

describe('the names of a large directory', () => {
  it('are new to a target that has none of them', async () => {
    const pairs = [...(await pairNames(sortedArray(names), sortedArray([]), folding))];
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => source && !target)).toBe(true);
  });

  it('are only in a target whose source has none of them', async () => {
    const pairs = [...(await pairNames(sortedArray([]), sortedArray(names), folding))];
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => target && !source)).toBe(true);
  });
});

describe('the names of a large directory on both sides', () => {
  const isSame = (): Promise<boolean> => Promise.resolve(true);

  it('are paired when they differ only by case or Unicode form', async () => {
    const source = keyed([...names.map(({ key }) => key).slice(0, 50_000), 'README', 'caf\u00e9', 'new']);
    const target = keyed([...names.map(({ key }) => key).slice(10, 50_010), 'readme', 'cafe\u0301', 'old']);
    const pairs = [
      ...(await pairNames(sortedArray(source), sortedArray(target), { isLikely: false, isSame })),
    ];
    const unequal = pairs.filter((pair) => pair.source && pair.target && pair.source.key !== pair.target.key);
    expect(unequal.map((pair) => [pair.source?.key, pair.target?.key])).toEqual([
      ['README', 'readme'],
      ['caf\u00e9', 'cafe\u0301'],
    ]);
    expect(pairs).toHaveLength(50_010 + 4);
  });

  it('collide on a target that folds names', async () => {
    const source = keyed([...names.map(({ key }) => key).slice(0, 50_000), 'A', 'a']);
    const folds = { isLikely: true, isSame };
    const pairs = [...(await pairNames(sortedArray(source), sortedArray([]), folds))];
    expect(pairs.filter((pair) => pair.collidesWith !== undefined)).toEqual([
      { source: { key: 'a' }, collidesWith: 'A' },
    ]);
  });
});

describe('the pairs of any names', () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'A', 'B', '\u00e4', '\u0308'), { minLength: 1, maxLength: 2 })
    .map((letters) => letters.join(''));
  const anyNames = fc.array(name, { maxLength: 12 }).map(keyed);

  it('have each name of both sides once, in their order, and equal names together', async () => {
    const sides = fc.record({
      source: anyNames,
      target: anyNames,
      isLikely: fc.boolean(),
      folds: fc.boolean(),
    });
    const property = fc.asyncProperty(sides, async ({ source, target, isLikely, folds }) => {
      const isSame = (): Promise<boolean> => Promise.resolve(folds);
      const pairs = [...(await pairNames(sortedArray(source), sortedArray(target), { isLikely, isSame }))];
      expect(pairs.flatMap((pair) => pair.source ?? [])).toEqual(source);
      const ofTarget = pairs.flatMap((pair) => pair.target?.key ?? []);
      expect(ofTarget.sort()).toEqual(target.map(({ key }) => key));
      const order = pairs.map((pair) => (pair.source ?? pair.target)?.key ?? '');
      expect(order).toEqual([...order].sort());
      const [ofBoth, inTarget] = [source, target].map((all) => all.map(({ key }) => key));
      for (const key of ofBoth?.filter((each) => inTarget?.includes(each)) ?? [])
        expect(pairs).toContainEqual({ source: { key }, target: { key } });
    });
    await fc.assert(property);
  });
});
