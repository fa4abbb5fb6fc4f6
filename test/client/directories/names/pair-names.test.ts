/** Pairs of the names of large directories. */
import { describe, expect, it } from 'vitest';
import { pairNames } from '../../../../src/client/directories/names/pair-names.js';

const COUNT = 300_000;
const names = Array.from({ length: COUNT }, (_, index) => ({ key: `file-${index}` }));
const folding = { isLikely: false, isSame: () => Promise.resolve(false) };

describe('the names of a large directory', () => {
  it('are new to a target that has none of them', async () => {
    const pairs = await pairNames(names, [], folding);
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => source && !target)).toBe(true);
  });

  it('are only in a target whose source has none of them', async () => {
    const pairs = await pairNames([], names, folding);
    expect(pairs).toHaveLength(COUNT);
    expect(pairs.every(({ source, target }) => target && !source)).toBe(true);
  });
});
