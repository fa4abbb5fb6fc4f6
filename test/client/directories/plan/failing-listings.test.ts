import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../../src/index.js';
import { FakeTree, planOfTrees } from '../../../support/doubles/fake-tree.js';
import { failureOf, linesOf } from '../../../support/local-files/trees.js';

const mirror = { mode: 'mirror', maxDelete: 1_000 } as const;

describe('a mirror', () => {
  it.each(['EIO', 'ECONNRESET', 'EPROTO', 'ESHUTDOWN'])(
    'fails with %s of a listing, and deletes nothing',
    async (code) => {
      for (const side of ['source', 'target'] as const) {
        const trees = {
          source: new FakeTree({ 'a/x': 'x', 'z/y': 'y' }),
          target: new FakeTree({ b: 'b', 'z/w': 'w' }),
        };
        trees[side].failures.set('z', new TransferError(code));
        const { actions, error } = await failureOf(planOfTrees(trees.source, trees.target, mirror));
        expect(error).toMatchObject({ code });
        expect(actions.filter(({ kind }) => kind === 'delete')).toEqual([]);
      }
    },
  );

  it('reports a directory that it must not list, and deletes nothing', async () => {
    const source = new FakeTree({ 'a/x': 'x', 'closed/': '', kind: 'f' });
    const target = new FakeTree({ b: 'b', 'closed/w': 'w', 'kind/x': 'x' });
    source.failures.set('closed', new TransferError('EACCES'));
    const { actions, error } = await failureOf(planOfTrees(source, target, mirror));
    expect(error).toBeUndefined();
    expect(actions.map(({ kind, path, reason }) => `${kind} ${path} ${reason}`)).toEqual([
      'make-directory a new',
      'transfer a/x new',
      'problem closed unreadable',
      'problem  unreadable',
      'problem kind conflict',
      'touch a mtime',
    ]);
  });

  it('replaces no file by a directory that it must not list', async () => {
    const source = new FakeTree({ 'd/e/x': 'x', a: 'a' });
    source.failures.set('d/e', new TransferError('EACCES'));
    const lines = await linesOf(planOfTrees(source, new FakeTree({ d: 'file', a: 'a' }), mirror));
    expect(lines).toEqual(['problem . unreadable', 'problem d conflict']);
  });

  it('reports a directory of the target that it must not list', async () => {
    const target = new FakeTree({ 'extra/x': 'x', b: 'b', a: 'a' });
    target.failures.set('extra', new TransferError('EACCES'));
    expect(await linesOf(planOfTrees(new FakeTree({ a: 'a' }), target, mirror))).toEqual([
      'problem extra unreadable',
      'problem . unreadable',
    ]);
  });
});

describe('permission bits', () => {
  it('are set where both sides have them, and differ', async () => {
    const source = new FakeTree({ 'd/a': 'a', b: 'b', c: 'c' });
    const target = new FakeTree({ 'd/a': 'a', b: 'b', c: 'c' });
    source.set('b', { kind: 'file', size: 1, mode: 0o755 }).set('d', { kind: 'directory', mode: 0o700 });
    target.set('b', { kind: 'file', size: 1, mode: 0o644 }).set('d', { kind: 'directory', mode: 0o755 });
    source.set('c', { kind: 'file', size: 1, mode: 0o755, mtimeMs: 5 });
    target.set('c', { kind: 'file', size: 1, mode: 0o644 });
    target.hasModes = true;
    expect(await linesOf(planOfTrees(source, target, { checksum: true }), 'exact')).toEqual([
      'touch b mode',
      'touch c mtime-and-mode',
      'touch d mode',
    ]);
    target.set('b', { kind: 'file', size: 1 });
    expect(await linesOf(planOfTrees(source, target, { checksum: true }))).not.toContain('touch b mode');
  });

  it('of a new directory are set with its time, if the target has any', async () => {
    const source = new FakeTree({}).set('d', { kind: 'directory', mode: 0o700 });
    const target = new FakeTree({});
    expect(await linesOf(planOfTrees(source, target))).toEqual(['make-directory d new', 'touch d mtime']);
    target.hasModes = true;
    expect(await linesOf(planOfTrees(source, target), 'exact')).toEqual([
      'make-directory d new',
      'touch d mtime-and-mode',
    ]);
  });
});
