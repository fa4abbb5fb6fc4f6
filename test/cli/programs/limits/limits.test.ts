import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Served, writeFiles } from '../../../support/cli/served.js';

const PIECE = 100_000;

/** Ten files of 100,000 bytes. */
function tenFiles(folder: string): Record<string, Buffer> {
  return Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`${folder}/${index}`, Buffer.alloc(PIECE, index)]),
  );
}

describe('--limit', () => {
  it('lets no more bytes through than it says, in both directions', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { a: Buffer.alloc(600_000) });
    for (const args of [
      ['put', '--limit', '400K:10M', 'a', served.url('a')],
      ['get', '--limit', '10M:400K', served.url('a'), 'b'],
    ]) {
      const startedAt = performance.now();
      expect((await served.run(args)).code).toBe(0);
      // A tenth of a second may be caught up, and the last piece is not waited for.
      expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    }
  });

  it('refuses less than 1000 bytes a second, and UDP', async () => {
    await using served = await Served.start({ a: 'a' });
    expect((await served.run(['get', '--limit', '1', served.url('a')])).code).toBe(2);
    const udp = ['get', '--limit', '1M', '--transport', 'udp', served.url('a')];
    expect((await served.run(udp)).code).toBe(2);
    expect(await readdir(served.cwd)).toEqual([]);
  });
});

describe('--max-bytes', () => {
  it('begins no further file, ends with 11, and is continued by the same command', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, tenFiles('here'));
    for (const args of [
      ['put', '--max-bytes', '250000', 'here', served.url('there')],
      ['sync', '--max-bytes', '250000', '--delete', 'here', served.url('other')],
      ['get', '--max-bytes', '250000', served.url('there'), 'back'],
    ]) {
      const first = await served.run(args);
      expect([args[0], first.code]).toEqual([args[0], 11]);
      expect(first.stderr).toContain('--max-bytes are reached');
      expect(first.stderr).toMatch(/^3 files/m);
      if (args[0] !== 'put') continue;
      while ((await served.run(args)).code === 11);
      expect(await served.names('there')).toHaveLength(10);
    }
    expect(await served.names('other')).toHaveLength(3);
    expect(await readdir(path.join(served.cwd, 'back'))).toHaveLength(3);
  });
});

describe('--max-time', () => {
  it('ends a transfer that takes longer with 11, and leaves no file under its name', async () => {
    await using served = await Served.start({ big: Buffer.alloc(8_000_000) });
    const get = ['get', '--limit', '100K', '--max-time', '1s', served.url('big')];
    const { code, stderr } = await served.run(get);
    expect(code).toBe(11);
    expect(stderr).toContain('--max-time are over');
    expect(await readdir(served.cwd)).not.toContain('big');
  });
});
