import { readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../support/cli/events.js';
import { Program } from '../../support/cli/program.js';
import { Served } from '../../support/cli/served.js';

const isWindows = process.platform === 'win32';
const tree = { 'a.txt': 'hello', 'b.log': 'log', 'sub/c.txt': 'deep', 'sub/.hidden': 'dot' };

describe('socket-ftp get', () => {
  it('downloads a file and a directory under their names, and does nothing the second time', async () => {
    await using served = await Served.start(tree);
    for (const remote of ['a.txt', 'sub']) {
      expect(await served.run(['get', '--exit-nothing', served.url(remote)])).toMatchObject({
        code: 0,
        stdout: '',
      });
      expect((await served.run(['get', '--exit-nothing', served.url(remote)])).code).toBe(9);
    }
    expect(await contents(served.cwd)).toEqual({
      'a.txt': 'hello',
      'sub/c.txt': 'deep',
      'sub/.hidden': 'dot',
    });
  });

  it('means the same directory with and without a slash, and the second time', async () => {
    await using served = await Served.start(tree);
    await served.run(['get', served.url('sub'), 'copy']);
    await served.run(['get', served.url('sub/'), 'copy/']);
    expect(await contents(served.cwd)).toEqual({ 'copy/c.txt': 'deep', 'copy/.hidden': 'dot' });
    await served.run(['get', served.url('sub'), '.']);
    expect(Object.keys(await contents(served.cwd))).toContain('sub/c.txt');
  });

  it('downloads what a pattern matches, several sources and a list into a directory', async () => {
    await using served = await Served.start(tree);
    expect((await served.run(['get', served.url('*.[lt]*'), 'globbed'])).code).toBe(0);
    expect((await served.run(['get', served.url('a.txt'), served.url('b.log'), 'several'])).code).toBe(0);
    const names = { input: 'a.txt\0sub/c.txt\0' };
    expect(
      (await served.run(['get', '--files-from', '-', '--from0', served.url(), 'listed'], names)).code,
    ).toBe(0);
    expect(Object.keys(await contents(served.cwd)).sort()).toEqual(
      [
        'globbed/a.txt',
        'globbed/b.log',
        'several/a.txt',
        'several/b.log',
        'listed/a.txt',
        'listed/sub/c.txt',
      ].sort(),
    );
    expect((await served.run(['get', served.url('*.none'), 'x'])).code).toBe(5);
  });

  it('replaces nothing in a script, unless --existing says so', async () => {
    await using served = await Served.start(tree);
    const target = path.join(served.cwd, 'a.txt');
    const get = (...options: string[]) => served.run(['get', ...options, served.url('a.txt')]);
    await writeFile(target, 'mine');
    const refused = await get();
    expect(refused.code).toBe(8);
    expect(refused.stderr).toContain('--existing');
    expect((await get('--existing', 'skip')).code).toBe(0);
    await utimes(target, new Date(), new Date(Date.now() + 60_000));
    expect((await get('--existing', 'newer')).code).toBe(0);
    expect(await readFile(target, 'utf8')).toBe('mine');
    expect((await get('--existing', 'rename')).code).toBe(0);
    expect(await contents(served.cwd)).toEqual({ 'a.txt': 'mine', 'a (1).txt': 'hello' });
    expect((await get('--existing', 'replace')).code).toBe(0);
    expect(await readFile(target, 'utf8')).toBe('hello');
  });

  it('decides about each file of a directory', async () => {
    await using served = await Served.start(tree);
    const run = (...options: string[]) => served.run(['get', ...options, served.url(), 'copy']);
    await run();
    await writeFile(path.join(served.cwd, 'copy/a.txt'), 'mine, longer');
    await writeFile(path.join(served.root, 'b.log'), 'another log');
    await writeFile(path.join(served.root, 'new.txt'), 'new');
    const refused = await run();
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/copy|a\.txt.*exists already/);
    expect(await contents(path.join(served.cwd, 'copy'))).toMatchObject({
      'a.txt': 'mine, longer',
      'b.log': 'log',
      'new.txt': 'new',
    });
    expect((await run('--existing', 'rename')).code).toBe(0);
    expect(await contents(path.join(served.cwd, 'copy'))).toMatchObject({
      'a.txt': 'mine, longer',
      'a (1).txt': 'hello',
      'b (1).log': 'another log',
    });
    expect((await run('--existing', 'replace', '--ignore', 'b.log')).code).toBe(0);
    expect(await contents(path.join(served.cwd, 'copy'))).toMatchObject({ 'a.txt': 'hello', 'b.log': 'log' });
  });

  it('writes to standard output only the bytes, with the exit code of what fails', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    await using served = await Served.start({ bytes });
    const { code, stdout } = await served.run(['get', served.url('bytes'), '-']);
    expect(code).toBe(0);
    expect(bytes.equals(Buffer.from(stdout, 'latin1'))).toBe(true);
    expect(await served.run(['get', served.url('none'), '-'])).toMatchObject({ code: 5, stdout: '' });
  });

  it('tells each file and the result as events', async () => {
    await using served = await Served.start(tree);
    const { stdout, stderr } = await served.run([
      'get',
      '--json',
      '--progress',
      'plain',
      '--quiet',
      served.url('a.txt'),
    ]);
    const lines = eventsOf(stdout);
    // Progress is told once a second, so a slow machine has some of it.
    expect(lines.filter(({ event }) => event !== 'progress')).toMatchObject([
      { v: 1, event: 'action', kind: 'transfer', path: 'a.txt', target: 'a.txt', status: 'done', bytes: 5 },
      { v: 1, event: 'result', files: 1, bytes: 5, skipped: 0, failed: 0 },
    ]);
    expect(stderr).toBe('');
  });

  it('writes one line without a terminal, and a line a file with --verbose', async () => {
    await using served = await Served.start(tree);
    const plain = await served.run(['get', served.url('a.txt')]);
    expect(plain.stderr).toMatch(/^1 file, 5 B in .*\n$/);
    const verbose = await served.run(['get', '--verbose', '--encode-names', served.url('sub')]);
    expect(verbose.stderr).toContain('done: transfer sub/c.txt');
  });

  it('creates missing parents with --parents only', async () => {
    await using served = await Served.start(tree);
    expect((await served.run(['get', served.url('a.txt'), 'x/y/a.txt'])).code).toBe(5);
    expect((await served.run(['get', '--parents', served.url('a.txt'), 'x/y/a.txt'])).code).toBe(0);
    expect(await contents(served.cwd)).toEqual({ 'x/y/a.txt': 'hello' });
  });

  it('downloads over several connections', async () => {
    const big = Buffer.alloc(9_000_000, 'ab');
    await using served = await Served.start({ big });
    expect((await served.run(['get', '--connections', '3', served.url('big')])).code).toBe(0);
    expect(big.equals(await readFile(path.join(served.cwd, 'big')))).toBe(true);
  });

  it('leaves nothing outside of its target for names with ..', async () => {
    await using served = await Served.start(tree);
    expect((await served.run(['get', served.url('%2e%2e/x')])).code).not.toBe(0);
    expect(
      (await served.run(['get', '--files-from', '-', served.url(), 'd'], { input: '../x\n' })).code,
    ).toBe(2);
    expect(await contents(served.folder)).not.toHaveProperty('x');
  });

  it.skipIf(isWindows)('keeps what has arrived at Ctrl-C, and the same command does the rest', async () => {
    const big = Buffer.alloc(4_000_000, 'xyz');
    await using served = await Served.start({ big }, '--limit', ':1M');
    const command = ['get', '--json', served.url('big')];
    const first = new Program(command, { cwd: served.cwd });
    await first.says(/"event":"progress","bytes":[1-9]/);
    first.child.kill('SIGINT');
    const { code, stdout, stderr } = await first.outcome();
    expect(eventsOf(stdout).at(-1)).toMatchObject({ event: 'error', exitCode: 130 });
    expect(code).toBe(130);
    expect(stderr).toContain(`socket-ftp ${command.join(' ')}\n`);
    expect(await readdir(served.cwd)).not.toContain('big');
    expect((await readdir(served.cwd)).join()).toContain('socket-ftp-part');
    const second = await served.run(['get', '--progress', 'none', served.url('big')]);
    expect(second.code).toBe(0);
    expect(await readdir(served.cwd)).toEqual(['big']);
    expect(big.equals(await readFile(path.join(served.cwd, 'big')))).toBe(true);
    expect(bytesSent(served)).toBeLessThan(2 * big.length);
  });

  it.skipIf(isWindows)('starts over with --fresh', async () => {
    await using served = await Served.start(tree);
    await served.run(['get', served.url('a.txt')]);
    const again = await served.run(['get', '--fresh', served.url('a.txt')]);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/^1 file, 5 B/) as string });
    expect((await served.run(['get', '--fresh', served.url('sub')])).code).toBe(2);
  });

  it.each([
    [['get']],
    [['get', 'host:a']],
    [['get', 'socket-ftp://h/a', 'b', 'c']],
    [['get', '--from0', 'socket-ftp://h/a']],
  ])('refuses %j', async (args) => {
    await using served = await Served.start();
    expect((await served.run(args)).code).toBe(2);
  });

  it('fails with 3 if nothing listens', async () => {
    await using served = await Served.start();
    const refused = await served.run(['get', 'socket-ftp://127.0.0.1:1/a']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('Hint: No server listens there: start it with socket-ftp serve');
  });
});

/** The bytes of downloads in the log of the server. */
function bytesSent({ server }: Served): number {
  const sizes = [...server.stderr.matchAll(/download \/big \(([\d.]+) MiB/g)].map(
    ([, size]) => Number(size) * 1024 ** 2,
  );
  expect(sizes.length).toBeGreaterThan(0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const read = async (file: string) => [
    path.relative(folder, file).replaceAll(path.sep, '/'),
    await readFile(file, 'utf8'),
  ];
  return Object.fromEntries(await Promise.all(files.map(read))) as Record<string, string>;
}
