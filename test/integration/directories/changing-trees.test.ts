/** Trees that change between and during synchronisations, which are carried out. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DirectoryStorage, SyncProgress } from '../../../src/index.js';
import { DIRECTIONS, sides } from '../../support/directories/sides.js';
import { manyFiles, treeState, TREE_MTIME, writeTree } from '../../support/directories/tree.js';
import { watched } from '../../support/directories/watched-storage.js';

const MIRROR = { mode: 'mirror' } as const;
const LARGE = 'x'.repeat(1_500_000);

describe.each(DIRECTIONS)('a mirror that is carried out: %s', (direction) => {
  it.each(['text', 'json', 'xml', 'binary'] as const)(
    'follows a directory that becomes a file, and back (%s)',
    async (codec) => {
      const at = await sides(direction, { source: { 'd/x': 'in it', 'd/deep/y': LARGE, z: 'z' }, codec });
      await at.client.sync(at.from, at.to, MIRROR);
      const inside = path.join(at.source, 'd');
      await fs.rm(inside, { recursive: true });
      await fs.writeFile(inside, 'a file now');
      expect(await at.client.sync(at.from, at.to, MIRROR)).toMatchObject({ isComplete: true, files: 1 });
      expect(await treeState(at.target)).toEqual(await treeState(at.source));
      await fs.rm(inside);
      await writeTree(at.source, { 'd/x': 'in it again', 'd/deep/y': LARGE });
      expect(await at.client.sync(at.from, at.to, MIRROR)).toMatchObject({ isComplete: true, files: 2 });
      expect(await treeState(at.target)).toEqual(await treeState(at.source));
    },
  );

  it('of an empty or missing directory is refused, and changes nothing of 100 files', async () => {
    const target = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 'kept']));
    const at = await sides(direction, { target });
    const before = await treeState(path.dirname(at.target));
    await expect(at.client.sync(at.from, at.to, MIRROR)).rejects.toMatchObject({ code: 'ESAFETY' });
    await fs.rmdir(at.source);
    await expect(at.client.sync(at.from, at.to, MIRROR)).rejects.toMatchObject({ code: 'ESAFETY' });
    expect(await treeState(path.dirname(at.target))).toEqual(before);
  });

  it('keeps an ignored directory that only the target has, and all in it', async () => {
    const target = { '.git/config': 'kept', '.git/objects/ab/cd': 'kept', 'old/.git/HEAD': 'kept', x: 'x' };
    const at = await sides(direction, { source: { a: 'a' }, target });
    const before = await treeState(at.target);
    const result = await at.client.sync(at.from, at.to, { ...MIRROR, ignore: ['.git/'] });
    expect(result).toMatchObject({ isComplete: true, files: 1, deleted: 1 });
    const after = await treeState(at.target);
    const kept = Object.entries(before).filter(([below]) => below.includes('.git'));
    expect(Object.entries(after).filter(([below]) => below.includes('.git'))).toEqual(kept);
    expect(Object.keys(after)).not.toContain('x');
  });
});

describe.each(DIRECTIONS)('sync: %s', (direction) => {
  it('sends a file that was changed twice within a millisecond, both times', async () => {
    const at = await sides(direction, { source: { file: 'one' } });
    const now = Date.now() / 1_000;
    for (const content of ['one', 'two']) {
      await fs.writeFile(path.join(at.source, 'file'), content);
      await fs.utimes(path.join(at.source, 'file'), now, now);
      expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 1 });
      expect((await treeState(at.target))['file']?.content).toBe(content);
    }
  });

  it('gives directories their times again after their entries have changed', async () => {
    const at = await sides(direction, { source: { 'a/b/c/file': 'one', 'a/other': 'x', e: null } });
    await at.client.sync(at.from, at.to);
    await writeTree(at.source, { 'a/b/c/file': 'changed', 'a/b/new': 'n' });
    const old = new Date(1_500_000_000_000);
    await fs.utimes(path.join(at.source, 'a/b'), old, old);
    expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, files: 2 });
    const state = await treeState(at.target);
    expect(state['a/b']?.mtimeMs).toBe(old.getTime());
    for (const below of ['a', 'a/b/c', 'e']) expect(state[below]?.mtimeMs).toBe(TREE_MTIME.getTime());
  });

  it('has of a log that is written during its transfer an exact beginning, or reports it', async () => {
    let log = '';
    const wrap = (storage: DirectoryStorage): DirectoryStorage =>
      watched(storage, (below) => {
        if (below === 'tree/log') appendFileSync(log, 'and one more line\n');
      });
    const at = await sides(direction, { source: { log: LARGE, other: 'other' }, wrap });
    log = path.join(at.source, 'log');
    const { changed } = await at.client.sync(at.from, at.to);
    const [target, source] = [await treeState(at.target), await treeState(at.source)];
    const stored = target['log']?.content;
    if (changed.length > 0) expect(stored).toBeUndefined();
    else expect(source['log']?.content?.startsWith(stored ?? 'nothing')).toBe(true);
    expect(target['other']?.content).toBe('other');
    // What stands still is equal the next time.
    await at.client.sync(at.from, at.to);
    log = path.join(path.dirname(at.source), 'elsewhere');
    expect(await at.client.sync(at.from, at.to)).toMatchObject({ isComplete: true, changed: [] });
    expect((await treeState(at.target))['log']?.content).toBe((await treeState(at.source))['log']?.content);
  });

  it('reports progress of the rest after an interruption, which never falls and comes to its end', async () => {
    const at = await sides(direction, { source: { ...manyFiles(300), 'z/large': LARGE } });
    const controller = new AbortController();
    let done = 0;
    const onAction = (): void => {
      if (++done === 150) controller.abort();
    };
    const first = at.client.sync(at.from, at.to, { signal: controller.signal, onAction });
    await expect(first).rejects.toMatchObject({ code: 'ECANCELED' });
    const seen: SyncProgress[] = [];
    const onProgress = (progress: SyncProgress): void => void seen.push(progress);
    const rest = await at.client.sync(at.from, at.to, { onProgress });
    expect(rest.isComplete).toBe(true);
    expect(rest.files).toBeLessThan(301);
    const last = seen.at(-1);
    expect(last).toMatchObject({ isPlanned: true, files: rest.files, filesTotal: rest.files });
    expect(last?.bytes).toBe(last?.bytesTotal);
    for (const [index, { bytes, actions, scanned, files }] of seen.entries()) {
      const before = seen[index - 1] ?? { bytes: 0, actions: 0, scanned: 0, files: 0 };
      expect(bytes).toBeGreaterThanOrEqual(before.bytes);
      expect(actions).toBeGreaterThanOrEqual(before.actions);
      expect(files).toBeGreaterThanOrEqual(before.files);
      expect(scanned).toBeGreaterThanOrEqual(before.scanned);
    }
    expect(await treeState(at.target)).toEqual(await treeState(at.source));
  });
});

describe.skipIf(process.platform === 'win32')('an upload of links, pipes and unreadable files', () => {
  it('stores the rest, reports them, and ends where a followed link leads to a directory above', async () => {
    const at = await sides('upload', { source: { a: 'a', 'sub/b': 'b', secret: 's', z: 'z' } });
    const links = { 'sub/link': '../sub', 'to-file': 'sub/b', dangling: 'missing' };
    for (const [below, to] of Object.entries(links)) await fs.symlink(to, path.join(at.source, below));
    execFileSync('mkfifo', [path.join(at.source, 'pipe')]);
    await fs.chmod(path.join(at.source, 'secret'), 0);
    // Permissions do not apply to the superuser.
    const isReadable = process.geteuid?.() === 0;
    const result = await at.client.sync(at.from, at.to, { links: 'follow' });
    expect(result).toMatchObject({ isComplete: false, failed: [] });
    const reported = result.problems.map(({ path: below }) => below).sort();
    expect(reported).toEqual(['dangling', 'pipe', ...(isReadable ? [] : ['secret']), 'sub/link']);
    const stored = Object.keys(await treeState(at.target)).sort();
    expect(stored).toEqual(['a', ...(isReadable ? ['secret'] : []), 'sub', 'sub/b', 'to-file', 'z']);
  });
});
