import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { failureOf, linesOf, trees, writeTree } from '../../support/local-files/trees.js';

const mirror = { mode: 'mirror' } as const;

describe('a mirror', () => {
  it('of an empty directory deletes nothing of 100 files', async () => {
    const { client, up, down } = await trees({ remote: numbered(100) });
    const refused = await failureOf(client.planSync(...up, mirror));
    expect(refused).toMatchObject({ actions: [], error: { code: 'ESAFETY', retryable: false } });
    const back = await trees({ local: numbered(100) });
    expect(await failureOf(back.client.planSync(...back.down, mirror))).toMatchObject({
      actions: [],
      error: { code: 'ESAFETY' },
    });
    expect(await linesOf(client.planSync(...down, mirror))).toContain('transfer f99 new');
  });

  it('of a missing directory deletes nothing', async () => {
    const { client, local } = await trees({ remote: { a: 'a' } });
    const missing = { local: path.join(local, 'missing') };
    expect(await failureOf(client.planSync(missing, { remote: '/' }, mirror))).toMatchObject({
      actions: [],
      error: { code: 'ESAFETY', cause: { code: 'ENOENT' } },
    });
    // Not even with a number: a path that is misspelt is no empty directory.
    expect(
      await failureOf(client.planSync(missing, { remote: '/' }, { ...mirror, maxDelete: 9 })),
    ).toMatchObject({
      actions: [],
      error: { code: 'ENOENT' },
    });
  });

  it('of a directory with one file deletes up to 10 files, or up to half of them', async () => {
    const few = await trees({ local: { kept: '' }, remote: { ...numbered(10) } });
    expect(await deletesOf(few.client.planSync(...few.up, mirror))).toBe(10);
    const half = await trees({ local: numbered(11), remote: numbered(22) });
    expect(await deletesOf(half.client.planSync(...half.up, mirror))).toBe(11);
  });

  it('with more than half of the files to delete is refused before the first of them', async () => {
    const { client, up } = await trees({ local: { ...numbered(10), x: '' }, remote: numbered(21) });
    const { actions, error } = await failureOf(client.planSync(...up, mirror));
    expect(error).toMatchObject({
      code: 'ESAFETY',
      message: expect.stringContaining('11 of the 21') as string,
    });
    expect(actions.map(({ kind }) => kind)).toEqual(['transfer']);
  });

  it('deletes as many files and directories as maxDelete says, and no more', async () => {
    const { client, up } = await trees({ remote: { ...numbered(20), 'd/x': '' } });
    expect(await deletesOf(client.planSync(...up, { ...mirror, maxDelete: 22 }))).toBe(22);
    const { actions, error } = await failureOf(client.planSync(...up, { ...mirror, maxDelete: 21 }));
    expect({ actions, error }).toMatchObject({ actions: [], error: { code: 'ESAFETY' } });
  });

  it('counts a file that a directory replaces among the deletes', async () => {
    const { client, up } = await trees({ local: { 'd/x': 'x' }, remote: { d: 'file' } });
    expect(await failureOf(client.planSync(...up, { ...mirror, maxDelete: 0 }))).toMatchObject({
      actions: [],
      error: { code: 'ESAFETY' },
    });
  });

  it('keeps what is ignored, and the directories above it', async () => {
    const { client, up } = await trees({
      local: { a: 'a' },
      remote: { '.git/config': 'x', 'old/keep.me': 'k', 'old/b': 'b', 'older/c': 'c' },
    });
    const options = { ...mirror, ignore: ['.git/', '*.me'] };
    expect(await linesOf(client.planSync(...up, options))).toEqual([
      'transfer a new',
      'delete old/b extra',
      'delete older/c extra',
      'delete older extra',
    ]);
  });

  it('replaces a file by a directory, and back', async () => {
    const first = await trees({ local: { 'd/x': 'x' }, remote: { d: 'file', z: 'z' } });
    const { client, local, up } = first;
    await writeTree(local, { z: 'z' });
    expect(await linesOf(client.planSync(...up, mirror))).toEqual([
      'delete d kind',
      'make-directory d new',
      'transfer d/x new',
      'touch d mtime',
    ]);
    const second = await trees({ local: { d: 'file' }, remote: { 'd/x': 'x', 'd/e/y': 'y' } });
    expect(await linesOf(second.client.planSync(...second.up, mirror))).toEqual([
      'delete d/x extra',
      'delete d/e/y extra',
      'delete d/e extra',
      'delete d kind',
      'transfer d kind',
    ]);
  });

  it('replaces no directory that has an ignored file', async () => {
    const { client, up } = await trees({ local: { d: 'file' }, remote: { 'd/x': 'x', 'd/e/keep.me': 'y' } });
    expect(await linesOf(client.planSync(...up, { ...mirror, ignore: '*.me' }))).toEqual([
      'problem d conflict',
      'delete d/x extra',
    ]);
  });
});

describe('a file where the target has a directory', () => {
  it('is a conflict unless the plan is a mirror, and the rest goes on', async () => {
    const { client, up } = await trees({
      local: { a: 'a', d: 'file', 'e/x': 'x' },
      remote: { 'd/x': 'x', e: 'file' },
    });
    expect(await linesOf(client.planSync(...up))).toEqual([
      'transfer a new',
      'problem d conflict',
      'problem e conflict',
    ]);
  });
});

describe('the backup directory', () => {
  it('is no part of the plan', async () => {
    const { client, up, down } = await trees({
      local: { a: 'a', 'old/backup/x': 'x' },
      remote: { a: 'a', 'old/backup/y': 'y', 'old/backup/z/z': 'z' },
    });
    const options = { ...mirror, backupDirectory: 'old/backup' };
    expect(await linesOf(client.planSync(...up, options))).toEqual([]);
    expect(await linesOf(client.planSync(...down, options))).toEqual([]);
  });
});

describe('a new file whose content the target has elsewhere', () => {
  const content = bytesOf(50_000);

  it('is copied there', async () => {
    const { client, up, down } = await trees({
      local: { a: content, 'd/b': content },
      remote: { a: content },
    });
    expect(await linesOf(client.planSync(...up))).toEqual([
      'make-directory d new',
      'copy a -> d/b same-content',
      'touch d mtime',
    ]);
    expect(await linesOf(client.planSync(...down))).toEqual([]);
  });

  it('is renamed in a mirror, if it is the only one on both sides', async () => {
    const { client, up } = await trees({
      local: { 'new/name': content, x: '' },
      remote: { 'old/name': content },
    });
    expect(await linesOf(client.planSync(...up, mirror))).toEqual([
      'transfer x new',
      'make-directory new new',
      'rename old/name -> new/name moved',
      'delete old extra',
      'touch new mtime',
    ]);
  });

  it('is copied, and the other deleted, if there are several', async () => {
    const twoNew = await trees({ local: { a: content, b: content }, remote: { z: content } });
    expect(await linesOf(twoNew.client.planSync(...twoNew.up, mirror))).toEqual([
      'copy z -> a same-content',
      'copy z -> b same-content',
      'delete z extra',
    ]);
    const twoOld = await trees({ local: { a: content }, remote: { y: content, z: content } });
    expect(await linesOf(twoOld.client.planSync(...twoOld.up, mirror))).toEqual([
      'copy y -> a same-content',
      'delete y extra',
      'delete z extra',
    ]);
  });

  it('is sent if the file there is replaced, or has another content of equal size', async () => {
    const { client, up } = await trees({
      local: { a: 'new content', b: content, c: bytesOf(40_000) },
      remote: { a: content, z: bytesOf(40_001).subarray(1) },
    });
    expect((await linesOf(client.planSync(...up))).sort()).toEqual([
      'transfer a size',
      'transfer b new',
      'transfer c new',
    ]);
  });

  it('counts the renamed file among no deletes', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`f${index}`, bytesOf(20_000 + index)]),
    );
    const moved = Object.fromEntries(Object.entries(files).map(([name, data]) => [`d/${name}`, data]));
    const { client, up } = await trees({ local: moved, remote: files });
    const lines = await linesOf(client.planSync(...up, mirror));
    expect(lines.filter((line) => line.startsWith('rename'))).toHaveLength(30);
    expect(lines.filter((line) => line.startsWith('delete'))).toEqual([]);
  });
});

describe('a check', () => {
  it('gives all differences of both sides, and their numbers', async () => {
    const { client, up, local } = await trees({
      local: { same: 's', changed: 'new', 'd/missing': 'm' },
      remote: { same: 's', changed: 'older', 'e/extra': 'x' },
    });
    await fs.symlink('same', path.join(local, 'link'));
    const check = client.check(...up);
    expect(await linesOf(check)).toEqual([
      'transfer changed size',
      'problem link link',
      'make-directory d new',
      'transfer d/missing new',
      'delete e/extra extra',
      'delete e extra',
      'touch d mtime',
    ]);
    expect(check.counts).toEqual({ scanned: 7, equal: 1, different: 1, missing: 1, extra: 1, problems: 1 });
  });

  it('is not refused for its deletes', async () => {
    const { client, up } = await trees({ remote: numbered(30) });
    const check = client.check(...up);
    expect(await deletesOf(check)).toBe(30);
    expect(check.counts).toMatchObject({ equal: 0, extra: 30 });
  });

  it('compares contents with the option checksum', async () => {
    const { client, up } = await trees({ local: { a: 'one' }, remote: { a: 'two' } });
    expect(await linesOf(client.check(...up))).toEqual([]);
    expect(await linesOf(client.check(...up, { checksum: true }))).toEqual(['transfer a content']);
  });
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 'content']));
}

async function deletesOf(plan: AsyncIterable<{ kind: string }>): Promise<number> {
  let count = 0;
  for await (const { kind } of plan) if (kind === 'delete') count++;
  return count;
}
