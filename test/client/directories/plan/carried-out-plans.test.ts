import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SyncAction, SyncMode } from '../../../../src/index.js';
import { FAKE_MS, FakeTree, planOfTrees } from '../../../support/doubles/fake-tree.js';

/** Sizes by content. Those of large files are compared with other large files. */
const sizes: Record<string, number> = { '': 0, a: 1, b: 1, A: 20_000, B: 20_000, C: 20_004 };

/** Paths with files and directories of the same names. */
const files = fc.dictionary(
  fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
  fc.record({
    content: fc.constantFrom(...Object.keys(sizes)),
    ms: fc.constantFrom(FAKE_MS, FAKE_MS + 5_000),
  }),
  { maxKeys: 12 },
);

describe('a plan that is carried out step by step', () => {
  it('makes the target of a mirror equal to the source, with all times', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (ofSource, ofTarget) => {
        const source = treeOf(ofSource);
        const target = new Target(treeOf(ofTarget));
        await target.carryOut(source, 'mirror');
        expect(target.snapshot()).toEqual(new Target(source).snapshot());
      }),
      { numRuns: 400 },
    );
  });

  it('gives the target of an update all of the source but what is a conflict, and leaves the rest', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (ofSource, ofTarget) => {
        const source = treeOf(ofSource);
        const target = new Target(treeOf(ofTarget));
        const before = target.snapshot();
        const conflicts = await target.carryOut(source, 'update');
        const after = target.snapshot();
        for (const [path, entry] of new Target(source).snapshot()) {
          if (conflicts.some((conflict) => `${path}/`.startsWith(`${conflict}/`))) continue;
          expect([path, after.get(path)]).toEqual([path, entry]);
        }
        const added = new Set(source.entries.keys());
        const others = (entries: ReadonlyMap<string, unknown>) =>
          [...entries].filter(([path]) => !added.has(path) || conflicts.includes(path));
        const times = (entries: ReadonlyMap<string, { text?: string | undefined }>) =>
          others(entries).map(([path]) => [path, entries.get(path)?.text]);
        expect(times(after)).toEqual(times(before));
      }),
      { numRuns: 400 },
    );
  });
});

interface Node {
  text?: string | undefined;
  ms: number;
}

/** A target that only does what a file system does. */
class Target {
  readonly #nodes = new Map<string, Node>();
  readonly #tree: FakeTree;
  #nowMs = 9_000_000_000_000;

  constructor(tree: FakeTree) {
    this.#tree = tree;
    for (const [path, { mtimeMs }] of tree.entries)
      this.#nodes.set(path, { text: tree.contentOf(path), ms: mtimeMs });
  }

  /** Everything but the root, by path. */
  snapshot(): Map<string, Node> {
    return new Map([...this.#nodes].filter(([path]) => path !== '').sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Returns the paths of conflicts. */
  async carryOut(source: FakeTree, mode: SyncMode): Promise<string[]> {
    const conflicts: string[] = [];
    const actions: SyncAction[] = [];
    for await (const action of planOfTrees(source, this.#tree, { mode, checksum: true, maxDelete: 100 }))
      actions.push(action);
    for (const action of actions) {
      if (action.kind === 'problem') conflicts.push(action.path);
      else if (action.kind !== 'append') this.#do(action, source);
    }
    return conflicts;
  }

  #do(action: Exclude<SyncAction, { kind: 'problem' | 'append' }>, source: FakeTree): void {
    const { path } = action;
    const text = source.contentOf(path);
    const known = this.#nodes.get(path);
    switch (action.kind) {
      case 'make-directory':
        expect(known).toBeUndefined();
        return this.#put(path, { ms: ++this.#nowMs });
      case 'transfer':
        expect(known === undefined).toBe(action.target === undefined);
        if (known) expect(known.text).toBeDefined();
        return this.#put(path, { text, ms: action.source.mtimeMs ?? 0 });
      case 'copy':
      case 'rename':
        expect(known).toBeUndefined();
        expect(this.#nodes.get(action.from)?.text).toBe(text);
        if (action.kind === 'rename') this.#remove(action.from);
        return this.#put(path, { text, ms: action.source.mtimeMs ?? 0 });
      case 'delete':
        expect(known?.text === undefined ? 'directory' : 'file').toBe(action.entry);
        return this.#remove(path);
      case 'touch':
        expect(known).toBeDefined();
        if (known) known.ms = action.source.mtimeMs ?? 0;
    }
  }

  #put(path: string, node: Node): void {
    this.#change(path);
    this.#nodes.set(path, node);
  }

  #remove(path: string): void {
    expect([...this.#nodes.keys()].filter((other) => other.startsWith(`${path}/`))).toEqual([]);
    expect(this.#nodes.delete(path)).toBe(true);
    this.#change(path);
  }

  /** A directory gets another time with each change of an entry. */
  #change(path: string): void {
    const parent = this.#nodes.get(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
    expect(parent).toBeDefined();
    expect(parent?.text).toBeUndefined();
    if (parent) parent.ms = ++this.#nowMs;
  }
}

/** A tree of files, of which those below another file are left out. */
function treeOf(files: Record<string, { content: string; ms: number }>): FakeTree {
  const paths = Object.keys(files).filter(
    (path) => !Object.keys(files).some((other) => path.startsWith(`${other}/`)),
  );
  const tree = new FakeTree(Object.fromEntries(paths.map((path) => [path, files[path]?.content ?? ''])));
  for (const path of paths) {
    const { content = '', ms = 0 } = files[path] ?? {};
    tree.set(path, { kind: 'file', size: sizes[content] ?? 0, mtimeMs: ms });
  }
  return tree;
}
