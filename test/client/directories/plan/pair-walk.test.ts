import { describe, expect, it } from 'vitest';
import type { DirectoryPair } from '../../../../src/client/directories/plan/directory-pair.js';
import { PairWalk, type PairVisitor } from '../../../../src/client/directories/plan/pair-walk.js';
import type { PlanContext } from '../../../../src/client/directories/plan/plan-context.js';
import { IgnoreRules } from '../../../../src/client/directories/filter/ignore-rules.js';
import { nameMap } from '../../../../src/client/directories/names/name-map.js';
import { planSettings } from '../../../../src/client/directories/options.js';
import { FakeTree } from '../../../support/doubles/fake-tree.js';

/** A tree in which each directory has the same subdirectories, without end. */
function endless(names: readonly string[]): FakeTree {
  const tree = new FakeTree({});
  const entries = names.map((name) => ({ name, kind: 'directory', size: 0, mtimeMs: 0 }) as const);
  tree.list = (_, { add }) => {
    entries.forEach(add);
    return Promise.resolve(0);
  };
  return tree;
}

function walkOf(source: FakeTree, directories: number): { walk: PairWalk; entered: string[] } {
  const entered: string[] = [];
  const visitor: PairVisitor = {
    enter: ({ path }) => (entered.push(path), []),
    refuse: () => [],
    visit: () => [],
    leave: () => [],
  };
  const settings = planSettings({});
  const context: PlanContext = {
    ...{ source, target: new FakeTree({}), direction: 'download', rootBytes: 0, settings },
    names: nameMap({ encodeNames: false, platform: 'linux' }),
    rules: { mode: 'update', checksum: false, windowMs: 1, startedMs: 0 },
    ...{ ignore: new IgnoreRules([]), isCheck: false, signal: new AbortController().signal },
    counts: { scanned: 0, equal: 0, different: 0, missing: 0, extra: 0, problems: 0 },
  };
  return { walk: new PairWalk(context, visitor, { directories, textLength: 1_000_000 }), entered };
}

async function run(walk: PairWalk, tree: FakeTree): Promise<void> {
  const source = await tree.stat('');
  const root: DirectoryPair = {
    ...{ path: '', localPath: '', isRehearsal: false, keepsEntries: false, isChanged: false, source },
  };
  for await (const actions of walk.run(root)) expect(actions).toEqual([]);
}

describe('a walk over both trees', () => {
  it('fails with EFLOOD if a server lists many directories in each of many levels', async () => {
    const tree = endless(['a', 'b', 'c', 'd']);
    const { walk, entered } = walkOf(tree, 10);
    await expect(run(walk, tree)).rejects.toMatchObject({ code: 'EFLOOD', path: 'a/a/c' });
    expect(entered).toEqual(['', 'a', 'a/a']);
  });

  it('counts the directories that wait, not all of the tree', async () => {
    const tree = new FakeTree(
      Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`d${at % 4}/e${at}/`, ''])),
    );
    const { walk, entered } = walkOf(tree, 10);
    await run(walk, tree);
    expect(entered).toHaveLength(1 + 4 + 20);
  });
});
