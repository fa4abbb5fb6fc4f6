/** Plans that are carried out: what each action changes, and what it leaves alone. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TransferError, type SyncAction, type SyncVersion, type TransferAction } from '../../../src/index.js';
import { DIRECTIONS, recorded, sides, versionAt, type Sides } from '../../support/directories/sides.js';
import { TREE_MTIME, treeState } from '../../support/directories/tree.js';

const LARGE = 'x'.repeat(300_000);

async function transfer(at: Sides, below: string, target?: SyncVersion): Promise<TransferAction> {
  const source = await versionAt(at.source, below);
  return {
    kind: 'transfer',
    path: below,
    reason: target ? 'size' : 'new',
    bytes: source.size,
    source,
    target,
  };
}

const content = (directory: string, below: string): Promise<string> =>
  fs.readFile(path.join(directory, below), 'utf8');

describe.each(DIRECTIONS)('applyPlan: %s', (direction) => {
  it.each(['small', LARGE])('sends a file with its time and permission bits (%#)', async (data) => {
    const at = await sides(direction, { source: { file: data } });
    await fs.chmod(path.join(at.source, 'file'), 0o750);
    const result = await at.client.applyPlan([await transfer(at, 'file')], at);
    expect(result).toMatchObject({ isComplete: true, files: 1, bytes: data.length, failed: [] });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });

  it.each(['small', LARGE])('replaces only the planned version (%#)', async (data) => {
    const at = await sides(direction, { source: { file: data }, target: { file: 'older' } });
    const action = await transfer(at, 'file', await versionAt(at.target, 'file'));
    await fs.writeFile(path.join(at.target, 'file'), 'of another program');
    const result = await at.client.applyPlan([action], at);
    expect(result).toMatchObject({ isComplete: false, files: 0, failed: [{ error: { code: 'ESTALE' } }] });
    expect(await content(at.target, 'file')).toBe('of another program');
    const again = await transfer(at, 'file', await versionAt(at.target, 'file'));
    expect(await at.client.applyPlan([again], at)).toMatchObject({ isComplete: true, files: 1 });
    expect(await content(at.target, 'file')).toBe(data);
  });

  it.each(['small', LARGE])('does not replace a file that the plan does not know (%#)', async (data) => {
    const at = await sides(direction, { source: { file: data } });
    const action = await transfer(at, 'file');
    await fs.writeFile(path.join(at.target, 'file'), 'of another program');
    const result = await at.client.applyPlan([action], at);
    expect(result.failed).toMatchObject([{ action, error: { code: 'EEXIST' } }]);
    expect(await content(at.target, 'file')).toBe('of another program');
  });

  it.each(['small', LARGE])('does not send a source that differs from the plan (%#)', async (data) => {
    const at = await sides(direction, { source: { file: data } });
    const action = await transfer(at, 'file');
    await fs.writeFile(path.join(at.source, 'file'), `${data} and more`);
    const result = await at.client.applyPlan([action], at);
    expect(result).toMatchObject({ isComplete: false, files: 0, failed: [], changed: [action] });
    expect(await fs.readdir(at.target)).toEqual([]);
  });

  it('carries out a plan that was written as JSON', async () => {
    const at = await sides(direction, { source: { 'a/file': 'content' }, target: { extra: 'old' } });
    const lines: string[] = [];
    for await (const action of at.client.planSync(at.from, at.to, { mode: 'mirror' }))
      lines.push(JSON.stringify(action));
    const plan = lines.map((line) => JSON.parse(line) as SyncAction);
    expect(await at.client.applyPlan(plan, at)).toMatchObject({ isComplete: true, files: 1, deleted: 1 });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });

  it('sends the end of a file that has grown', async () => {
    const at = await sides(direction, { source: { log: 'one two' }, target: { log: 'one' } });
    const [source, target] = [await versionAt(at.source, 'log'), await versionAt(at.target, 'log')];
    const { etag } = await at.client.stat('tree/log');
    const isUpload = direction === 'upload';
    const action: SyncAction = {
      kind: 'append',
      path: 'log',
      reason: 'grown',
      bytes: 4,
      source: isUpload ? source : { ...source, etag },
      target: isUpload ? { ...target, etag } : target,
    };
    expect(await at.client.applyPlan([action], at)).toMatchObject({ isComplete: true, files: 1, bytes: 4 });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });

  it('does not send the end of a file that has changed', async () => {
    const at = await sides(direction, { source: { log: 'one two' }, target: { log: 'one' } });
    const [source, target] = [await versionAt(at.source, 'log'), await versionAt(at.target, 'log')];
    const { etag } = await at.client.stat('tree/log');
    await fs.writeFile(path.join(at.source, 'log'), 'ONE TWO');
    const versions =
      direction === 'upload'
        ? { source, target: { ...target, etag } }
        : { source: { ...source, etag }, target };
    const action: SyncAction = { kind: 'append', path: 'log', reason: 'grown', bytes: 4, ...versions };
    expect(await at.client.applyPlan([action], at)).toMatchObject({ isComplete: false, changed: [action] });
    expect(await content(at.target, 'log')).toBe('one');
  });

  it('copies and renames files within the target, and sets times and permission bits', async () => {
    const at = await sides(direction, {
      source: { copy: 'same', moved: 'other', kept: 'kept' },
      target: { same: 'same', other: 'other', kept: 'kept' },
    });
    await fs.chmod(path.join(at.source, 'kept'), 0o700);
    const [copy, moved, kept] = await Promise.all(
      ['copy', 'moved', 'kept'].map((below) => versionAt(at.source, below)),
    );
    if (!copy || !moved || !kept) throw new Error('Three files were written.');
    await fs.utimes(path.join(at.target, 'kept'), 1, 1);
    const target = await versionAt(at.target, 'kept');
    const plan: SyncAction[] = [
      { kind: 'copy', path: 'copy', from: 'same', reason: 'same-content', bytes: 0, source: copy },
      { kind: 'rename', path: 'moved', from: 'other', reason: 'moved', bytes: 0, source: moved },
      { kind: 'touch', path: 'kept', reason: 'mtime-and-mode', bytes: 0, source: kept, target },
      { kind: 'delete', path: 'same', reason: 'extra', bytes: 0, entry: 'file' },
    ];
    const result = await at.client.applyPlan(plan, at);
    expect(result).toMatchObject({ isComplete: true, copied: 1, renamed: 1, touched: 1, deleted: 1 });
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });

  it('does not delete a file that has changed, nor a directory that has entries', async () => {
    const at = await sides(direction, { target: { file: 'old', 'directory/known': '1' } });
    const target = await versionAt(at.target, 'file');
    await fs.writeFile(path.join(at.target, 'file'), 'of another program');
    const plan: SyncAction[] = [
      { kind: 'delete', path: 'file', reason: 'extra', bytes: 0, entry: 'file', target },
      { kind: 'delete', path: 'directory', reason: 'extra', bytes: 0, entry: 'directory' },
      { kind: 'delete', path: 'directory/known', reason: 'extra', bytes: 0, entry: 'directory' },
      { kind: 'delete', path: '', reason: 'extra', bytes: 0, entry: 'directory' },
    ];
    const { outcomes, onAction } = recorded();
    const result = await at.client.applyPlan(plan, at, { onAction });
    expect(result).toMatchObject({ isComplete: false, deleted: 0 });
    expect(outcomes.sort()).toEqual([
      'delete  failed EINVAL',
      'delete directory failed ENOTEMPTY',
      'delete directory/known failed ESTALE',
      'delete file failed ESTALE',
    ]);
    expect(await fs.readdir(at.target)).toEqual(['directory', 'file']);
  });

  it('withholds all deletes if an action before them has failed', async () => {
    const at = await sides(direction, { source: { a: 'a', b: 'b' }, target: { extra: 'old' } });
    const missing = { ...(await transfer(at, 'a')), path: 'missing/a' };
    const gone: SyncAction = { kind: 'delete', path: 'extra', reason: 'extra', bytes: 0, entry: 'file' };
    const { outcomes, onAction } = recorded();
    const result = await at.client.applyPlan([missing, await transfer(at, 'b'), gone], at, { onAction });
    expect(result).toMatchObject({ isComplete: false, files: 1, deleted: 0, withheld: 1 });
    expect(outcomes.sort()).toEqual([
      'delete extra withheld',
      expect.stringMatching(/^transfer b done$/),
      'transfer missing/a failed ENOENT',
    ]);
    expect(Object.keys(await treeState(at.target)).sort()).toEqual(['b', 'extra']);
  });

  it('deletes nothing, and rejects, if the plan fails', async () => {
    const at = await sides(direction, { source: { a: 'a' }, target: { extra: 'old' } });
    const action = await transfer(at, 'a');
    async function* plan(): AsyncGenerator<SyncAction> {
      yield action;
      await Promise.resolve();
      throw new TransferError('ECONNRESET', 'The listing was cut.');
    }
    await expect(at.client.applyPlan(plan(), at)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await fs.readdir(at.target)).toContain('extra');
  });

  it('changes nothing in a dry run', async () => {
    const at = await sides(direction, { source: { 'a/b': '1', c: '2' }, target: { extra: 'x', c: 'old' } });
    const before = await treeState(path.dirname(at.target));
    const { outcomes, onAction } = recorded();
    const options = { mode: 'mirror', dryRun: true, onAction, maxDelete: 9 } as const;
    const result = await at.client.sync(at.from, at.to, options);
    expect(result).toMatchObject({ dryRun: true, files: 2, directories: 1, deleted: 1 });
    expect(outcomes).toContain('delete extra planned');
    expect(await treeState(path.dirname(at.target))).toEqual(before);
  });

  it('keeps replaced and deleted files in the backup directory', async () => {
    const at = await sides(direction, {
      source: { 'a/file': 'new', 'a/large': LARGE },
      target: { 'a/file': 'older', 'a/large': 'older, too', 'b/extra': 'extra' },
    });
    const options = { mode: 'mirror', backupDirectory: '.backup/today', maxDelete: 9 } as const;
    const result = await at.client.sync(at.from, at.to, options);
    expect(result).toMatchObject({ isComplete: true, files: 2, deleted: 2 });
    const state = await treeState(at.target);
    const kept = Object.entries(state).filter(([, { kind }]) => kind === 'file');
    expect(Object.fromEntries(kept.map(([below, file]) => [below, file.content?.slice(0, 10)]))).toEqual({
      '.backup/today/a/file': 'older',
      '.backup/today/a/large': 'older, too',
      '.backup/today/b/extra': 'extra',
      'a/file': 'new',
      'a/large': LARGE.slice(0, 10),
    });
    expect(state['.backup/today/a/file']?.mtimeMs).toBe(TREE_MTIME.getTime());
    // The backup is part of neither side.
    expect(await at.client.sync(at.from, at.to, options)).toMatchObject({
      isComplete: true,
      files: 0,
      deleted: 0,
    });
  });

  it.each(['../out', '/out', 'a/../../out', 'a//b', './out', 'a\0b', 'C:\\out'])(
    'refuses the path %j',
    async (below) => {
      const at = await sides(direction, { source: { file: 'content' } });
      const source = await versionAt(at.source, 'file');
      const before = await treeState(path.dirname(at.target));
      const plan: SyncAction[] = [
        { kind: 'transfer', path: below, reason: 'new', bytes: source.size, source },
        { kind: 'make-directory', path: below, reason: 'new', bytes: 0, source },
        { kind: 'rename', path: below, from: 'file', reason: 'moved', bytes: 0, source },
        { kind: 'copy', path: 'copy', from: below, reason: 'same-content', bytes: 0, source },
        { kind: 'touch', path: below, reason: 'mtime', bytes: 0, source },
      ];
      const { failed } = await at.client.applyPlan(plan, at);
      expect(failed.map(({ error }) => error.code)).toEqual(plan.map(() => 'EILSEQ'));
      const { failed: deletes } = await at.client.applyPlan(
        [{ kind: 'delete', path: below, reason: 'extra', bytes: 0, entry: 'file' }],
        at,
      );
      expect(deletes).toMatchObject([{ error: { code: 'EILSEQ' } }]);
      expect(await treeState(path.dirname(at.target))).toEqual(before);
    },
  );

  it('ends when its signal is aborted, also while the plan waits, and leaves no partial file', async () => {
    const at = await sides(direction, { source: { large: 'x'.repeat(8_000_000), small: 'x' } });
    const [large, small] = [await transfer(at, 'large'), await transfer(at, 'small')];
    const controller = new AbortController();
    async function* plan(): AsyncGenerator<SyncAction> {
      yield small;
      yield large;
      await new Promise(() => undefined);
    }
    const applying = at.client.applyPlan(plan(), at, {
      signal: controller.signal,
      onAction: ({ path: below }) => below === 'small' && controller.abort(),
    });
    await expect(applying).rejects.toMatchObject({ name: 'AbortError', code: 'ECANCELED' });
    expect(Object.keys(await treeState(at.target))).not.toContain('large');
  });

  it('rejects with what a callback throws', async () => {
    const at = await sides(direction, { source: { a: 'a', b: 'b' } });
    const plan = [await transfer(at, 'a'), await transfer(at, 'b')];
    const mine = new Error('mine');
    const onAction = (): void => {
      throw mine;
    };
    await expect(at.client.applyPlan(plan, at, { onAction })).rejects.toBe(mine);
    await expect(at.client.applyPlan(plan, at, { onProgress: onAction })).rejects.toBe(mine);
  });
});
