import { describe, expect, it } from 'vitest';
import { PathTree } from '../../src/collections/path-tree.js';

function treeOf(...paths: string[]): PathTree<string> {
  const tree = new PathTree<string>();
  for (const path of paths) tree.set(path, path);
  return tree;
}

const pathsOf = (tree: PathTree<string>): string[] => [...tree.entries()].map(([path]) => path).sort();

describe('a tree of paths', () => {
  it('has a value for each path, and counts them', () => {
    const tree = treeOf('a', 'a/b', 'c');
    tree.set('a', 'again');
    expect([tree.size, tree.get('a'), tree.get('a/b'), tree.get('a/x')]).toEqual([
      3,
      'again',
      'a/b',
      undefined,
    ]);
  });

  it('gives a directory before its content, and removes the content before it', () => {
    const tree = treeOf('a', 'a/b', 'a/b/c', 'd');
    expect([...tree.entries('a')].map(([path]) => path)).toEqual(['a', 'a/b', 'a/b/c']);
    expect(tree.delete('a').map(([path]) => path)).toEqual(['a/b/c', 'a/b', 'a']);
    expect(tree.delete('missing')).toEqual([]);
    expect([tree.size, pathsOf(tree)]).toEqual([1, ['d']]);
  });

  it('moves a directory with its content, in place of what is there', () => {
    const tree = treeOf('a', 'a/b', 'x', 'x/old');
    tree.move('a', 'x');
    expect([tree.size, pathsOf(tree)]).toEqual([2, ['x', 'x/b']]);
  });

  it('counts the paths above its values, and forgets those that are left with nothing', () => {
    const tree = treeOf('a/b/c', 'a/x');
    expect([tree.size, tree.paths]).toEqual([2, 4]);
    tree.delete('a/b/c');
    expect([tree.size, tree.paths]).toEqual([1, 2]);
    tree.set('d/e/f', 'f');
    tree.move('d/e', 'a/y');
    expect([tree.size, tree.paths, pathsOf(tree)]).toEqual([2, 4, ['a/x', 'a/y/f']]);
    tree.delete('a');
    expect([tree.size, tree.paths]).toEqual([0, 0]);
  });

  it('moves nothing in place of what is there, if there is nothing', () => {
    const tree = treeOf('a', 'b/c');
    tree.move('x', 'b');
    expect([tree.size, tree.paths, pathsOf(tree)]).toEqual([1, 1, ['a']]);
  });

  it('moves a directory to the path of one above it, or to its own', () => {
    const tree = treeOf('a', 'a/x', 'a/b', 'a/b/c');
    tree.move('a/b', 'a');
    expect([tree.size, tree.paths, pathsOf(tree)]).toEqual([2, 2, ['a', 'a/c']]);
    tree.move('a', 'a');
    expect([tree.size, tree.paths, pathsOf(tree)]).toEqual([2, 2, ['a', 'a/c']]);
  });

  it('gives the values as they were moved, without a look at each', () => {
    const tree = treeOf('a', ...Array.from({ length: 50_000 }, (_, number) => `a/${number}`));
    for (let turn = 0; turn < 20_000; turn += 1) tree.move(turn % 2 ? 'b' : 'a', turn % 2 ? 'a' : 'b');
    expect([tree.size, tree.paths, tree.get('a/49999')]).toEqual([50_001, 50_001, 'a/49999']);
  });
});
