/** Pairs of names, also those of large directories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
    const { count, take } = await pairNames([...names], [], folding);
    const pairs = [...take()];
    expect(count).toBe(COUNT);
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => source && !target)).toBe(true);
  });

  it('are only in a target whose source has none of them', async () => {
    const pairs = [...(await pairNames([], [...names], folding)).take()];
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => target && !source)).toBe(true);
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
      const { count, take } = await pairNames([...source], [...target], { isLikely, isSame });
      const pairs = [...take()];
      expect(count).toBe(pairs.length);
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
