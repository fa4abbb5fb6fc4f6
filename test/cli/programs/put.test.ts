import { execFile } from 'node:child_process';
import { access, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Program } from '../../support/cli/program.js';
import { Served, writeFiles } from '../../support/cli/served.js';

const isWindows = process.platform === 'win32';

describe('socket-ftp put', () => {
  it('uploads a file and a directory, and does nothing the second time', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'a.txt': 'hello', 'sub/b.txt': 'deep' });
    for (const [source, target] of [
      ['a.txt', 'x.txt'],
      ['sub', 'copy'],
    ] as const) {
      expect((await served.run(['put', '--exit-nothing', source, served.url(target)])).code).toBe(0);
      expect((await served.run(['put', '--exit-nothing', source, served.url(`${target}/`)])).code).toBe(9);
    }
    // The server keeps what it knows of uploads in a folder of its own.
    const names = (await readdir(served.root, { recursive: true })).filter(
      (name) => !name.startsWith('.socket-ftp'),
    );
    expect(names.sort()).toEqual(['copy', path.join('copy', 'b.txt'), 'x.txt']);
  });

  it('puts several sources and a list into a directory, and one into the root', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'a.txt': 'a', 'b.txt': 'b', 'sub/c.txt': 'c', list: 'sub/c.txt\n' });
    expect((await served.run(['put', 'a.txt', 'b.txt', 'sub', served.url('in')])).code).toBe(0);
    expect((await served.run(['put', 'a.txt', served.url()])).code).toBe(0);
    expect((await served.run(['put', '--files-from', 'list', '.', served.url('listed')])).code).toBe(0);
    for (const file of ['in/a.txt', 'in/b.txt', 'in/sub/c.txt', 'a.txt', 'listed/sub/c.txt']) {
      await access(path.join(served.root, file));
    }
  });

  it('replaces in a script, unless --existing says something else', async () => {
    await using served = await Served.start({ 'a.txt': 'theirs, longer' });
    await writeFiles(served.cwd, { 'a.txt': 'mine' });
    const put = (...options: string[]) => served.run(['put', ...options, 'a.txt', served.url('a.txt')]);
    expect((await put('--existing', 'fail')).code).toBe(8);
    expect((await put('--existing', 'skip')).code).toBe(0);
    expect(await readFile(path.join(served.root, 'a.txt'), 'utf8')).toBe('theirs, longer');
    expect((await put('--existing', 'rename')).code).toBe(0);
    expect(await readFile(path.join(served.root, 'a (1).txt'), 'utf8')).toBe('mine');
    expect((await put()).code).toBe(0);
    expect(await readFile(path.join(served.root, 'a.txt'), 'utf8')).toBe('mine');
    expect((await put('--fresh')).stderr).toMatch(/^1 file/);
  });

  it('stores standard input when it ends', async () => {
    await using served = await Served.start();
    const { code } = await served.run(['put', '-', served.url('in.txt')], { input: 'piped' });
    expect(code).toBe(0);
    expect(await readFile(path.join(served.root, 'in.txt'), 'utf8')).toBe('piped');
  });

  it.skipIf(isWindows)('stores nothing of standard input if the process dies', async () => {
    await using served = await Served.start();
    const program = new Program(['put', '-', '--json', served.url('in.txt')], { cwd: served.cwd });
    program.child.stdin.write('half');
    await served.server.says(/./);
    await program.says(/"event":"progress"/);
    program.child.kill('SIGKILL');
    await program.outcome();
    await served.server.says(/upload \/in\.txt .*(?:ECONNRESET|ECANCELED)/);
    expect(await readdir(served.root)).not.toContain('in.txt');
  });

  it.skipIf(isWindows)('never opens a FIFO, and follows links only with --links', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'tree/a.txt': 'a' });
    await promisify(execFile)('mkfifo', [path.join(served.cwd, 'fifo'), path.join(served.cwd, 'tree/fifo')]);
    await symlink('a.txt', path.join(served.cwd, 'tree/link'));
    expect((await served.run(['put', 'fifo', served.url('x')])).code).not.toBe(0);
    expect((await served.run(['put', 'tree', served.url('t')])).code).toBe(6);
    expect(await readdir(path.join(served.root, 't'))).toEqual(['a.txt']);
    await served.run(['put', '--links', 'follow', 'tree', served.url('t')]);
    expect((await readdir(path.join(served.root, 't'))).sort()).toEqual(['a.txt', 'link']);
  });

  it.skipIf(isWindows)('reports a name that the server cannot hold, or encodes it', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'tree/a\x1bb': 'x', 'tree/ok': 'y' });
    const refused = await served.run(['put', 'tree', served.url('t')]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(String.raw`a\x1bb`);
    expect(refused.stderr).not.toContain('\x1b');
    expect((await served.run(['put', '--encode-names', 'tree', served.url('t')])).code).toBe(0);
    expect((await readdir(path.join(served.root, 't'))).sort()).toEqual(['a%1Bb', 'ok']);
  });

  it('creates missing parents with --parents only', async () => {
    await using served = await Served.start();
    await writeFile(path.join(served.cwd, 'a'), 'a');
    expect((await served.run(['put', 'a', served.url('x/y/a')])).code).toBe(5);
    expect((await served.run(['put', '--parents', 'a', served.url('x/y/a')])).code).toBe(0);
  });

  it.each([
    [['put', 'a']],
    [['put', '', 'socket-ftp://h/']],
    [['put', 'a', 'host:b']],
    [['put', '-', 'socket-ftp://h/']],
    [['put', 'a', 'socket-ftp://h/*']],
  ])('refuses %j', async (args) => {
    await using served = await Served.start();
    expect((await served.run(args)).code).toBe(2);
  });
});
