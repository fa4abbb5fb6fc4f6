import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../support/cli/events.js';
import { Program } from '../../support/cli/program.js';
import { Served } from '../../support/cli/served.js';

const isWindows = process.platform === 'win32';

describe('socket-ftp ls', () => {
  it('lists a directory, a file, a pattern and a tree', async () => {
    await using served = await Served.start({ 'a.txt': 'hello', 'sub/b.txt': 'x' });
    const list = async (...args: string[]) =>
      (await served.run(['ls', ...args])).stdout.split('\n').filter(Boolean).sort();
    expect(await list(served.url())).toEqual(['a.txt', 'sub/']);
    expect(await list(served.url('a.txt'))).toEqual(['a.txt']);
    expect(await list(served.url('s*'))).toEqual(['sub/']);
    expect(await list('--recursive', served.url())).toEqual(['a.txt', 'sub/', 'sub/b.txt']);
  });

  it('has sizes and times with --long, in bytes with --bytes', async () => {
    await using served = await Served.start({ 'a.txt': 'x'.repeat(2_048) });
    expect((await served.run(['ls', '--long', served.url()])).stdout).toMatch(
      /^-[rwx-]{9} +2\.0 KiB {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}a\.txt$/m,
    );
    expect((await served.run(['ls', '-l', '--bytes', served.url()])).stdout).toContain(' 2048 ');
  });

  it('has events with --json, and exit code 5 for what is missing', async () => {
    await using served = await Served.start({ 'a.txt': 'hello' });
    const { stdout } = await served.run(['ls', '--json', served.url()]);
    expect(eventsOf(stdout)).toMatchObject([{ event: 'entry', path: 'a.txt', kind: 'file', size: 5 }]);
    const missing = await served.run(['ls', '--json', served.url('none')]);
    expect(missing.code).toBe(5);
    expect(eventsOf(missing.stdout)).toMatchObject([{ event: 'error', code: 'ENOENT', exitCode: 5 }]);
  });
});

describe('socket-ftp cat', () => {
  it('writes files, or a part of them', async () => {
    await using served = await Served.start({ a: 'hello', b: ' world' });
    expect((await served.run(['cat', served.url('a'), served.url('b')])).stdout).toBe('hello world');
    expect((await served.run(['cat', '--offset', '1', '--length', '3', served.url('a')])).stdout).toBe('ell');
    expect((await served.run(['cat', '--json', served.url('a')])).code).toBe(2);
  });

  it.skipIf(isWindows)('ends with 141 and without a message if its reader has closed', async () => {
    await using served = await Served.start({ big: Buffer.alloc(8_000_000) });
    const program = new Program(['cat', served.url('big')], { cwd: served.cwd });
    await program.says(/\0/);
    program.child.stdout.destroy();
    await new Promise((resolve) => program.child.once('exit', resolve));
    expect(program.child.exitCode).toBe(141);
    expect(program.stderr).toBe('');
  });
});
