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
});
