import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SyncAction } from '../../../src/index.js';
import { failureOf, linesOf, makeOld, trees } from '../../support/local-files/trees.js';

const isWindows = process.platform === 'win32';
const isLinux = process.platform === 'linux';

describe('a name in another Unicode form', () => {
  const [nfc, nfd] = ['caf\u00e9', 'cafe\u0301'];

  it.runIf(isLinux)('is the same file: it is not sent, and has no twin', async () => {
    const { client, up, down } = await trees({
      local: { [`${nfd}/${nfd}`]: 'x' },
      remote: { [`${nfc}/${nfc}`]: 'x' },
    });
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([]);
    expect(await linesOf(client.planSync(...down, { mode: 'mirror' }))).toEqual([]);
  });

  it.runIf(isLinux)('is named in both forms by an action', async () => {
    const { client, up, down } = await trees({
      local: { [`${nfd}/${nfd}`]: 'local', [`${nfd}/new`]: 'n' },
      remote: { [`${nfc}/${nfc}`]: 'remote!' },
    });
    const localPath = `${nfd}/${nfd}`;
    expect(await actionsOf(client.planSync(...up))).toMatchObject([
      { kind: 'transfer', path: `${nfc}/${nfc}`, localPath, reason: 'size' },
      { kind: 'transfer', path: `${nfc}/new`, localPath: `${nfd}/new`, reason: 'new' },
      { kind: 'touch', path: nfc, localPath: nfd },
    ]);
    expect((await actionsOf(client.planSync(...down)))[0]).toMatchObject({
      path: `${nfc}/${nfc}`,
      localPath,
    });
  });

  it.runIf(isLinux)('is another file where both sides have both', async () => {
    const both = { [nfc]: 'x', [nfd]: 'y' };
    const { client, up } = await trees({ local: both, remote: both });
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([]);
    const { client: other, up: new1 } = await trees({ local: both, remote: { [nfc]: 'x' } });
    expect(await linesOf(other.planSync(...new1))).toEqual([`transfer ${nfd} new`]);
  });
});

describe.runIf(isLinux)('a name in another case', () => {
  it('is another file where the target tells them apart', async () => {
    const { client, up } = await trees({ local: { README: 'x', a: '', A: '' }, remote: { readme: 'x' } });
    expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([
      'transfer A new',
      'transfer README new',
      'transfer a new',
      'delete readme extra',
    ]);
  });
});

describe.skipIf(isWindows)('a name that the server refuses', () => {
  const odd = ['back\\slash', 'line\nbreak', 'colon:', '100%', '100%41', '%\\'];

  it('is reported, and the rest is sent', async () => {
    const { client, up } = await trees({ local: { 'a\\b': 'x', c: 'c', 'd\\e/f': 'f' } });
    expect(await linesOf(client.planSync(...up))).toEqual([
      'problem a\\b name',
      'transfer c new',
      'problem d\\e name',
    ]);
  });

  it('is encoded with encodeNames, and decoded on the way back', async () => {
    const files = Object.fromEntries(odd.map((name) => [`d\t/${name}`, name]));
    const { client, up, down, local, remote } = await trees({ local: files });
    const actions = await actionsOf(client.planSync(...up, { encodeNames: true }));
    const sent = actions.filter(({ kind }) => kind === 'transfer');
    expect(sent.map((action) => [action.path, action.localPath ?? action.path]).sort()).toEqual(
      [
        ['d%09/back%5Cslash', 'd\t/back\\slash'],
        ['d%09/line%0Abreak', 'd\t/line\nbreak'],
        ['d%09/colon:', 'd\t/colon:'],
        ['d%09/100%', 'd\t/100%'],
        ['d%09/100%2541', 'd\t/100%41'],
        ['d%09/%%5C', 'd\t/%\\'],
      ].sort(),
    );
    for (const { path: at, localPath = at } of sent) {
      await fs.mkdir(path.join(remote, path.dirname(at)), { recursive: true });
      await fs.cp(path.join(local, localPath), path.join(remote, at), { preserveTimestamps: true });
    }
    await makeOld(remote);
    expect(await linesOf(client.planSync(...up, { encodeNames: true, mode: 'mirror' }))).toEqual([]);
    expect(await linesOf(client.planSync(...down, { encodeNames: true, mode: 'mirror' }))).toEqual([]);
    await fs.rm(path.join(local, 'd\t'), { recursive: true });
    const back = await actionsOf(client.planSync(...down, { encodeNames: true }));
    const received = back.filter(({ kind }) => kind === 'transfer');
    expect(received.map(({ path: at, localPath }) => localPath ?? at).sort()).toEqual(
      Object.keys(files).sort(),
    );
  });

  it('is reported with encodeNames if the server has one that encodeNames never gives', async () => {
    const { client, down, local } = await trees({ remote: { '%41': 'x', A: 'a' } });
    await fs.utimes(local, 1_600_000_000, 1_600_000_000);
    expect(await linesOf(client.planSync(...down, { encodeNames: true }))).toEqual([
      'problem %41 name',
      'transfer A new',
      'touch . mtime',
    ]);
  });
});

describe.runIf(isLinux)('a local name that is not UTF-8', () => {
  it('is reported, or encoded and found again', async () => {
    const { client, up, local } = await trees({ local: { a: 'a' } });
    const name = Buffer.concat([Buffer.from(`${local}/`), Buffer.from([0x66, 0xff, 0xc3])]);
    await fs.writeFile(name, 'bytes');
    expect((await linesOf(client.planSync(...up)))[1]).toMatch(/^problem f.* name$/);
    const [first] = (await actionsOf(client.planSync(...up, { encodeNames: true }))).slice(1);
    expect(first).toMatchObject({ kind: 'transfer', path: 'f%FF%C3', localPath: 'f\udcff\udcc3', bytes: 5 });
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });
});

describe.skipIf(isWindows)('a symbolic link', () => {
  it('is reported, and neither sent nor followed', async () => {
    const { client, up, local } = await trees({ local: { a: 'a', 'sub/b': 'b' } });
    await fs.symlink('a', path.join(local, 'to-file'));
    await fs.symlink('sub', path.join(local, 'to-directory'));
    await fs.symlink('missing', path.join(local, 'dangling'));
    const lines = await linesOf(client.planSync(...up));
    expect(lines.slice(0, 4)).toEqual([
      'transfer a new',
      'problem dangling link',
      'problem to-directory link',
      'problem to-file link',
    ]);
    expect(lines.some((line) => line.includes('to-directory/'))).toBe(false);
  });

  it('is followed with links: follow, and ends where it leads to a directory above', async () => {
    const { client, up, local } = await trees({ local: { a: 'a', 'sub/b': 'b' } });
    await fs.symlink('../sub', path.join(local, 'sub', 'link'));
    await fs.symlink('..', path.join(local, 'sub', 'up'));
    await fs.symlink('sub/b', path.join(local, 'to-file'));
    await fs.symlink('missing', path.join(local, 'dangling'));
    expect((await linesOf(client.planSync(...up, { links: 'follow' }))).slice(0, -1)).toEqual([
      'transfer a new',
      'problem dangling link',
      'transfer to-file new',
      'make-directory sub new',
      'transfer sub/b new',
      'problem sub/link link',
      'problem sub/up link',
    ]);
  });

  it('of a target is never followed, replaced or deleted', async () => {
    const { client, down, local } = await trees({
      local: { a: 'a' },
      remote: { a: 'a', link: 'file', 'dir/x': 'x' },
    });
    const outside = await trees({ local: { x: 'outside' } });
    await fs.symlink(path.join(outside.local, 'x'), path.join(local, 'link'));
    await fs.symlink(outside.local, path.join(local, 'dir'));
    await fs.symlink(outside.local, path.join(local, 'extra'));
    await fs.utimes(local, 1_600_000_000, 1_600_000_000);
    for (const links of ['skip', 'follow'] as const) {
      expect(await linesOf(client.planSync(...down, { mode: 'mirror', links }))).toEqual([
        'problem dir link',
        'problem extra link',
        'problem link link',
      ]);
    }
  });
});

describe.skipIf(isWindows)('a link that only the target has', () => {
  it('does not make an empty source less empty', async () => {
    const { client, down, local } = await trees({ local: { a: 'a' } });
    await fs.symlink('a', path.join(local, 'link'));
    const { actions, error } = await failureOf(client.planSync(...down, { mode: 'mirror' }));
    expect(actions).toMatchObject([{ kind: 'problem', path: 'link', reason: 'link' }]);
    expect(error).toMatchObject({ code: 'ESAFETY' });
  });
});

describe.skipIf(isWindows)('a pipe and a file that cannot be read', () => {
  it('are reported, and the rest is sent', async () => {
    const { client, up, local, remote } = await trees({ local: { a: 'a', secret: 's', z: 'z' } });
    execFileSync('mkfifo', [path.join(local, 'pipe')]);
    await fs.chmod(path.join(local, 'secret'), 0);
    await Promise.all([local, remote].map((root) => fs.chmod(root, 0o755)));
    await asOther(async () => {
      expect(await linesOf(client.planSync(...up))).toEqual([
        'transfer a new',
        'problem pipe special',
        'problem secret unreadable',
        'transfer z new',
      ]);
    });
  });
});

describe.skipIf(isWindows)('a directory that cannot be listed', () => {
  it('is reported, and forbids all deletes', async () => {
    const { client, up, local, remote } = await trees({
      local: { a: 'a', 'closed/b': 'b', d: 'file' },
      remote: { 'closed/b': 'b', 'closed/c': 'c', x: 'x', 'd/y': 'y' },
    });
    await fs.chmod(path.join(local, 'closed'), 0);
    await Promise.all([local, remote].map((root) => fs.chmod(root, 0o755)));
    await asOther(async () => {
      expect(await linesOf(client.planSync(...up, { mode: 'mirror' }))).toEqual([
        'transfer a new',
        'problem closed unreadable',
        'problem . unreadable',
        'problem d conflict',
        'touch closed mode',
      ]);
    });
    await fs.chmod(path.join(local, 'closed'), 0o755);
  });
});

async function actionsOf(plan: AsyncIterable<SyncAction>): Promise<SyncAction[]> {
  const actions: SyncAction[] = [];
  for await (const action of plan) actions.push(action);
  return actions;
}

/** Runs as a user to whom permissions apply, unlike the superuser. */
async function asOther(run: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}
