import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../support/cli/events.js';
import { Program } from '../../../support/cli/program.js';
import { Served } from '../../../support/cli/served.js';

describe('socket-ftp stat', () => {
  it('shows all fields of files and directories, and the checksum on demand', async () => {
    await using served = await Served.start({ 'a.txt': 'hello', 'sub/b': 'b' });
    const { stdout } = await served.run(['stat', served.url('a.txt'), served.url('sub'), served.url()]);
    expect(stdout).toMatch(/^path {6}\/a\.txt$/m);
    expect(stdout).toMatch(/^size {6}5 bytes \(5 B\)$/m);
    expect(stdout).toMatch(/^kind {6}directory$/m);
    expect(stdout).not.toContain('checksum');
    const { stdout: json } = await served.run(['stat', '--checksum', '--json', served.url('*.txt')]);
    expect(eventsOf(json)).toMatchObject([
      { event: 'entry', path: 'a.txt', checksum: expect.stringMatching(/^sha256:2cf24dba5f/) as unknown },
    ]);
    expect((await served.run(['stat', served.url('none')])).code).toBe(5);
  });
});

describe('socket-ftp tree', () => {
  it('draws directories sorted, to a depth, with or without files', async () => {
    await using served = await Served.start({ 'b.txt': '12', 'a/deep/c': '3', 'a/d': '' });
    expect((await served.run(['tree', served.url()])).text.split('\n')).toEqual([
      '/',
      '├── a/',
      '│   ├── d',
      '│   └── deep/',
      '│       └── c',
      '└── b.txt',
      '2 directories, 3 files, 3 B',
      '',
    ]);
    const { text } = await served.run(['tree', '--depth', '1', '--directories', served.url()]);
    expect(text.split('\n').slice(0, 2)).toEqual(['/', '└── a/']);
    expect((await served.run(['tree', served.url('none')])).code).toBe(5);
  });
});

describe('socket-ftp watch', () => {
  it('writes a line for each change until its count is reached', async () => {
    await using served = await Served.start({ 'sub/old': 'x' });
    const args = ['watch', '--recursive', '--snapshot', '--count', '2', served.url()];
    const program = new Program(args, { cwd: served.cwd });
    await program.says(/Watching/);
    await writeFile(path.join(served.root, 'sub/new'), 'x');
    await program.says(/\+ sub\/new/);
    await rm(path.join(served.root, 'sub/old'));
    const { code, stdout } = await program.outcome();
    expect(code).toBe(0);
    expect(stdout).toContain('= sub/old\n');
  });

  it('writes events with --json, and ends with 130 after Ctrl-C', async () => {
    await using served = await Served.start({ old: 'x' });
    const program = new Program(['watch', '--json', served.url()], { cwd: served.cwd });
    await program.says(/"change":"ready"/);
    await writeFile(path.join(served.root, 'new'), 'x');
    await program.says(/"change":"created"/);
    program.child.kill('SIGINT');
    const { code, stdout } = await program.outcome();
    expect(process.platform === 'win32' || code === 130).toBe(true);
    expect(eventsOf(stdout).filter(({ path: name }) => name === 'old')).toEqual([]);
  });
});
