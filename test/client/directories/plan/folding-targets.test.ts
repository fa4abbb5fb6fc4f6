import { describe, expect, it } from 'vitest';
import { FakeTree, planOfTrees } from '../../../support/doubles/fake-tree.js';
import { linesOf } from '../../../support/local-files/trees.js';

describe('a target that does not tell cases apart', () => {
  it('gets the case of the source by a rename, in a mirror', async () => {
    const source = new FakeTree({ README: 'x', 'Dir/File': 'y' });
    const target = new FakeTree({ readme: 'x', 'dir/file': 'y' }).folding();
    const lines = await linesOf(planOfTrees(source, target, { mode: 'mirror' }));
    expect(lines.sort()).toEqual([
      'rename dir -> Dir case',
      'rename dir/file -> dir/File case',
      'rename readme -> README case',
      'touch dir mtime',
    ]);
  });

  it('keeps its case otherwise, and gets no twin', async () => {
    const source = new FakeTree({ README: 'new content' });
    const target = new FakeTree({ readme: 'x' }).folding();
    expect(await linesOf(planOfTrees(source, target))).toEqual(['transfer readme size']);
  });

  it('gets one of several names that it takes for one; the others are reported', async () => {
    const source = new FakeTree({ a: '1', A: '2', b: '3', B: '4' });
    const target = new FakeTree({ b: '3' }).folding();
    for (const mode of ['update', 'mirror'] as const) {
      expect(await linesOf(planOfTrees(source, target, { mode }))).toEqual([
        'transfer A new',
        'problem B collision',
        'problem a collision',
      ]);
    }
  });

  it('gets one of several Unicode forms of a name; the others are reported', async () => {
    const [nfc, nfd] = ['caf\u00e9', 'cafe\u0301'];
    const target = new FakeTree({ [nfc]: '1' }).folding();
    expect(await linesOf(planOfTrees(new FakeTree({ [nfc]: '1', [nfd]: '2' }), target))).toEqual([
      `problem ${nfd} collision`,
    ]);
  });
});

describe('a target that tells cases apart', () => {
  it('gets all names', async () => {
    const source = new FakeTree({ a: '1', A: '2' });
    expect(await linesOf(planOfTrees(source, new FakeTree({ a: '1' })))).toEqual(['transfer A new']);
  });
});
