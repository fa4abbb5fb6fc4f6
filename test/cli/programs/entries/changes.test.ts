import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../support/cli/events.js';
import { Served } from '../../../support/cli/served.js';

describe('socket-ftp rm', () => {
  it('removes files and patterns, and directories with --recursive only', async () => {
    await using served = await Served.start({ 'a.log': '', 'b.log': '', 'sub/c': '', keep: '' });
    expect((await served.run(['rm', served.url('*.log')])).code).toBe(0);
    expect((await served.run(['rm', served.url('sub')])).code).toBe(8);
    expect(await served.names()).toEqual(['keep', 'sub']);
    expect((await served.run(['rm', '--recursive', served.url('sub')])).code).toBe(0);
    expect(await served.names()).toEqual(['keep']);
  });

  it('removes the others if one is missing, and takes it for removed with --force', async () => {
    await using served = await Served.start({ a: '', b: '' });
    const { code, stdout } = await served.run(['rm', '--json', served.url('none'), served.url('a')]);
    expect(code).toBe(6);
    expect(eventsOf(stdout)).toMatchObject([
      { path: 'none', status: 'failed', code: 'ENOENT' },
      { path: 'a', status: 'done' },
    ]);
    expect((await served.run(['rm', '--force', served.url('none'), served.url('b')])).code).toBe(0);
    expect((await served.run(['rm', served.url('none')])).code).toBe(5);
    expect((await served.run(['rm', '--recursive', served.url()])).code).toBe(2);
  });
});

describe('socket-ftp mv', () => {
  it('renames, and replaces with --replace only', async () => {
    await using served = await Served.start({ a: 'a', b: 'b', 'sub/c': '' });
    expect((await served.run(['mv', served.url('a'), served.url('b')])).code).toBe(8);
    expect(await readFile(path.join(served.root, 'b'), 'utf8')).toBe('b');
    expect((await served.run(['mv', '--replace', served.url('a'), served.url('b')])).code).toBe(0);
    expect(await readFile(path.join(served.root, 'b'), 'utf8')).toBe('a');
    expect((await served.run(['mv', served.url('sub'), served.url('moved/')])).code).toBe(0);
    expect(await served.names()).toEqual(['b', 'moved']);
    expect((await served.run(['mv', served.url('b'), 'socket-ftp://other.invalid/b'])).code).toBe(2);
  });
});

describe('socket-ftp cp', () => {
  it('copies a file, and a directory with --recursive only', async () => {
    await using served = await Served.start({ a: 'a', 'sub/deep/c': 'c' });
    expect((await served.run(['cp', served.url('a'), served.url('b')])).code).toBe(0);
    expect((await served.run(['cp', served.url('a'), served.url('b')])).code).toBe(8);
    expect((await served.run(['cp', '--replace', served.url('a'), served.url('b')])).code).toBe(0);
    expect((await served.run(['cp', served.url('sub'), served.url('copy')])).code).toBe(8);
    expect((await served.run(['cp', '--recursive', served.url('sub'), served.url('copy')])).code).toBe(0);
    expect(await readFile(path.join(served.root, 'copy/deep/c'), 'utf8')).toBe('c');
    expect((await served.run(['cp', '--recursive', served.url('sub'), served.url('sub/in')])).code).toBe(2);
  });
});

describe('socket-ftp mkdir', () => {
  it('creates directories, and parents with --parents only', async () => {
    await using served = await Served.start();
    expect((await served.run(['mkdir', served.url('a'), served.url('b')])).code).toBe(0);
    expect((await served.run(['mkdir', served.url('a')])).code).toBe(8);
    expect((await served.run(['mkdir', served.url('x/y')])).code).toBe(5);
    expect((await served.run(['mkdir', '--parents', served.url('x/y'), served.url('a')])).code).toBe(0);
    expect(await served.names('x')).toEqual(['y']);
  });
});
