import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { linesOf, LONG_AGO_MS, trees, writeTree } from '../../support/local-files/trees.js';

describe('a plan', () => {
  it.each(['text', 'json', 'xml', 'binary'] as const)(
    'has directories before their content (%s)',
    async (codec) => {
      const { client, up } = await trees({ local: { 'd/e/x': 'x', 'd/empty/': '', a: 'a' } }, { codec });
      expect(await linesOf(client.planSync(...up))).toEqual([
        'transfer a new',
        'make-directory d new',
        'make-directory d/e new',
        'transfer d/e/x new',
        'make-directory d/empty new',
        'touch d/e mtime',
        'touch d/empty mtime',
        'touch d mtime',
      ]);
    },
  );

  it('of equal trees is empty, in both directions', async () => {
    const files = { 'd/e/x': 'x', 'd/empty/': '', a: 'a' };
    const { client, up, down } = await trees({ local: files, remote: files });
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([]);
    expect(await linesOf(client.planSync(...down, { mode: 'mirror' }))).toEqual([]);
  });

  it('begins with the root, if the target has none', async () => {
    const { client, local, up } = await trees({ local: { a: 'a' }, remote: {} });
    expect(await linesOf(client.planSync({ local }, { remote: '/new/root' }))).toEqual([
      'make-directory . new',
      'transfer a new',
      'touch . mtime',
    ]);
    const missing = { local: path.join(local, 'missing') };
    expect(await linesOf(client.planSync(up[1], missing))).toEqual(['make-directory . new', 'touch . mtime']);
  });

  it('keeps what only the target has, unless it is a mirror', async () => {
    const { client, up } = await trees({ local: { a: 'a' }, remote: { a: 'a', b: 'b', 'd/e/c': 'c' } });
    expect(await linesOf(client.planSync(...up))).toEqual([]);
    expect(await linesOf(client.planSync(...up, { mode: 'newer' }))).toEqual([]);
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([
      'delete b extra',
      'delete d/e/c extra',
      'delete d/e extra',
      'delete d extra',
    ]);
  });

  it('tells what it knows of each file', async () => {
    const { client, up, remote } = await trees({ local: { a: 'new' }, remote: { a: 'older' } });
    await fs.utimes(path.join(remote, 'a'), 1, 1);
    const [action] = await collect(client.planSync(...up));
    expect(action).toMatchObject({
      kind: 'transfer',
      path: 'a',
      reason: 'size',
      bytes: 3,
      source: { size: 3, mtimeMs: LONG_AGO_MS },
      target: { size: 5, mtimeMs: 1_000, etag: expect.any(String) as string },
    });
  });

  it('is the same after a way as lines of JSON', async () => {
    const files = { a: 'a', 'd/b': bytesOf(20_000), 'caf\u0301/x': 'x' };
    const { client, up, local } = await trees({ local: files, remote: { c: 'c', 'd/b2': bytesOf(20_000) } });
    await fs.symlink('a', path.join(local, 'link'));
    const actions = await collect(client.planSync(...up, { mode: 'mirror' }));
    const text = actions.map((action) => JSON.stringify(action)).join('\n');
    expect(text.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(actions);
    expect(new Set(actions.map(({ kind }) => kind))).toEqual(
      new Set(['make-directory', 'transfer', 'rename', 'delete', 'touch', 'problem']),
    );
  });

  it('changes nothing at all', async () => {
    const { client, up, local, remote } = await trees({
      local: { a: 'a', 'd/b': 'b' },
      remote: { a: 'A', c: 'c', 'e/f': 'f' },
    });
    const before = [await snapshot(local), await snapshot(remote)];
    await linesOf(client.planSync(...up, { mode: 'mirror', checksum: true, maxDelete: 100 }));
    await linesOf(client.check(...up, { checksum: true }));
    expect([await snapshot(local), await snapshot(remote)]).toEqual(before);
  });

  it('sets the time of a directory whose entries change, or that has another one, and of no other', async () => {
    const { client, up, local } = await trees({
      local: { 'same/a': 'a', 'changed/a': 'new', 'other/a': 'a' },
      remote: { 'same/a': 'a', 'changed/a': 'a', 'other/a': 'a' },
    });
    await fs.utimes(path.join(local, 'other'), 5, 5);
    expect(await linesOf(client.planSync(...up))).toEqual([
      'transfer changed/a size',
      'touch changed mtime',
      'touch other mtime',
    ]);
  });

  it('of the root of the server sets no time of the root, which no server allows', async () => {
    const { client, up, down, local } = await trees({ local: { a: 'a' } });
    expect(await linesOf(client.planSync(...up))).toEqual(['transfer a new']);
    await writeTree(local, { b: 'b' });
    await fs.utimes(local, 1, 1);
    expect(await linesOf(client.planSync(...down))).toEqual(['touch . mtime']);
  });

  it('is ended by leaving the loop', async () => {
    const { client, up } = await trees({ local: { a: 'a', b: 'b', 'c/d': 'd' } });
    const plan = client.planSync(...up);
    for await (const action of plan) {
      expect(action.path).toBe('a');
      break;
    }
    expect(await plan.next()).toEqual({ done: true, value: undefined });
  });

  it('fails with ECANCELED when its signal is aborted', async () => {
    const { client, up } = await trees({ local: { a: 'a', b: 'b' } });
    const controller = new AbortController();
    const plan = client.planSync(...up, { signal: controller.signal });
    await plan.next();
    controller.abort();
    await expect(plan.next()).rejects.toMatchObject({ name: 'AbortError', code: 'ECANCELED' });
    const aborted = client.planSync(...up, { signal: AbortSignal.abort() });
    await expect(aborted.next()).rejects.toMatchObject({ code: 'ECANCELED' });
  });

  it('reports progress, up to all entries', async () => {
    const { client, up } = await trees({ local: { a: 'a', 'd/b': 'b' }, remote: { a: 'a' } });
    const reports: unknown[] = [];
    await linesOf(client.planSync(...up, { onProgress: (progress) => reports.push(progress) }));
    expect(reports.at(-1)).toEqual({ scanned: 3, planned: 3 });
  });
});

describe('a source that is missing', () => {
  it('fails with ENOENT', async () => {
    const { client, local } = await trees({});
    const plan = client.planSync({ local: path.join(local, 'missing') }, { remote: '/' });
    await expect(plan.next()).rejects.toMatchObject({ code: 'ENOENT' });
    const back = client.planSync({ remote: '/missing' }, { local });
    await expect(back.next()).rejects.toMatchObject({ code: 'ENOENT', path: 'missing' });
  });
});

describe('a root that is a file', () => {
  it('fails with ENOTDIR', async () => {
    const { client, local } = await trees({ local: { a: 'a' }, remote: { b: 'b' } });
    const plan = client.planSync({ local: path.join(local, 'a') }, { remote: '/' });
    await expect(plan.next()).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(client.planSync({ local }, { remote: '/b' }).next()).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });
});

describe('a wrong argument', () => {
  it('is a TypeError at once', async () => {
    const { client, local } = await trees({});
    const plan = client.planSync.bind(client);
    expect(() => plan({ local: '' }, { remote: '/' })).toThrow(TypeError);
    expect(() => plan({ local }, { remote: '' })).toThrow(TypeError);
    expect(() => plan({ local }, { local })).toThrow(TypeError);
    expect(() => plan({ remote: '/' }, { remote: '/a' })).toThrow(TypeError);
    expect(() => plan({ local }, { remote: '/' }, { mode: 'copy' as 'mirror' })).toThrow(TypeError);
    expect(() => plan({ local }, { remote: '/' }, { delete: true } as object)).toThrow('no option delete');
    expect(() => plan({ local }, { remote: '/' }, { maxDelete: -1 })).toThrow(TypeError);
    expect(() => plan({ local }, { remote: '/' }, { backupDirectory: '/' })).toThrow(TypeError);
    expect(() => plan({ local }, { remote: '/' }, { ignore: [1] as unknown as string[] })).toThrow(TypeError);
    expect(() => plan('x' as unknown as { local: string }, { remote: '/' })).toThrow(TypeError);
    expect(() => client.check({ local }, { remote: '/' }, { maxDelete: 1 } as object)).toThrow(
      'no option maxDelete',
    );
  });
});

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Names, contents and all times but those of access. */
async function snapshot(directory: string): Promise<unknown> {
  const entries = await fs.readdir(directory, { recursive: true });
  const paths = [directory, ...entries.map((name) => path.join(directory, name)).sort()];
  return Promise.all(
    paths.map(async (at) => {
      const stats = await fs.stat(at, { bigint: true });
      const data = stats.isFile() ? await fs.readFile(at, 'utf8') : '';
      return [at, data, stats.mode, stats.mtimeNs, stats.ctimeNs];
    }),
  );
}
