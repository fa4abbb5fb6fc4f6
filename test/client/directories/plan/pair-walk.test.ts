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

async function rootOf(tree: FakeTree): Promise<DirectoryPair> {
  const source = await tree.stat('');
  return { path: '', localPath: '', isRehearsal: false, keepsEntries: false, isChanged: false, source };
}

async function run(walk: PairWalk, tree: FakeTree): Promise<void> {
  for await (const actions of walk.run(await rootOf(tree))) expect(actions).toEqual([]);
}

/** For each directory that is entered: the listings that have begun, without those of directories that were entered. */
async function listedAhead(tree: FakeTree): Promise<number[]> {
  const list = tree.list.bind(tree);
  let listed = 0;
  tree.list = (...args) => {
    listed += 1;
    return list(...args);
  };
  const { walk, entered } = walkOf(tree, 100);
  const ahead: number[] = [];
  for await (const actions of walk.run(await rootOf(tree)))
    if (actions.length === 0 && entered.length > ahead.length) ahead.push(listed - entered.length);
  return ahead;
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

  it('lists eight directories ahead, also behind those without subdirectories', async () => {
    const paths = Array.from({ length: 20 }, (_, at) => `d${at + 10}/file`);
    const ahead = await listedAhead(new FakeTree(Object.fromEntries(paths.map((path) => [path, '']))));
    expect(ahead).toEqual([0, ...Array.from({ length: 13 }, () => 7), 6, 5, 4, 3, 2, 1, 0]);
  });

  it('lists directories of inner levels ahead while outer ones are listed', async () => {
    const paths = Array.from({ length: 80 }, (_, at) => `a${at % 10}/b${Math.floor(at / 10)}/file`);
    const ahead = await listedAhead(new FakeTree(Object.fromEntries(paths.map((path) => [path, '']))));
    expect(Math.max(...ahead)).toBeLessThanOrEqual(16);
    // The outer directory with seven beside it, and its eight inner ones with four beside each, while there are as many.
    expect(ahead.slice(1, 10)).toEqual([7, 11, 11, 11, 11, 10, 9, 8, 7]);
  });
});
