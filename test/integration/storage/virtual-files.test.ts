/** Files whose size is not that of their content, as in `/proc` and `/sys`. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/index.js';
import { fileCalls, type FileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const SYS = '/sys/kernel/mm/transparent_hugepage';

describe.each(['auto', 'threads'] as const)('a virtual file, with file calls in %s', (mode) => {
  it.skipIf(!fs.existsSync('/proc/self/status'))('of the size 0 is downloaded to its end', async () => {
    const { connect } = await serve({ storage: new DirectoryStorage('/proc', { fileCalls: mode }) });
    const client = connect();
    for (const name of ['version', 'filesystems', 'sys/kernel/ostype']) {
      const content = fs.readFileSync(`/proc/${name}`);
      expect(content.length).toBeGreaterThan(0);
      expect(await client.readFile(name)).toEqual(content);
      expect(await client.download(name).entry).toMatchObject({ size: content.length });
      expect(await client.checksum(name)).toBe(
        `sha256:${createHash('sha256').update(content).digest('hex')}`,
      );
      const local = path.join(await temporaryDirectory(), 'local');
      await client.downloadFile(name, local);
      expect(fs.readFileSync(local)).toEqual(content);
    }
  });

  it.skipIf(!fs.existsSync(`${SYS}/enabled`))(
    'that is shorter than its size is downloaded to its end',
    async () => {
      const { connect } = await serve({ storage: new DirectoryStorage(SYS, { fileCalls: mode }) });
      const client = connect();
      const content = fs.readFileSync(`${SYS}/enabled`);
      expect(fs.statSync(`${SYS}/enabled`).size).toBeGreaterThan(content.length);
      expect(await client.readFile('enabled')).toEqual(content);
      expect(await client.readFile('enabled', { offset: 3, length: 5 })).toEqual(content.subarray(3, 8));
      expect((await client.readdir()).find((entry) => entry.path === 'enabled')?.kind).toBe('file');
    },
  );
});

/** Calls that report another size for the file `virtual`, with the content `content`. */
function virtualCalls(size: bigint, content: () => Buffer): FileCalls {
  const virtual = new Set<number>();
  return {
    ...fileCalls,
    open: async (name, flags, mode) => {
      const fd = await fileCalls.open(name, flags, mode);
      if (name.endsWith('/virtual')) virtual.add(fd);
      else virtual.delete(fd);
      return fd;
    },
    fstat: async (fd) => {
      const stats = await fileCalls.fstat(fd);
      if (virtual.has(fd)) stats.size = size;
      return stats;
    },
    read: async (fd, target, position) => {
      if (!virtual.has(fd)) return fileCalls.read(fd, target, position);
      // A virtual file may end each read early.
      return content().copy(target, 0, position, position + Math.min(target.length, 1_000));
    },
  };
}

describe('a file whose size is unknown', () => {
  async function served(size: bigint, content: () => Buffer) {
    const root = await temporaryDirectory();
    fs.writeFileSync(path.join(root, 'virtual'), '');
    fs.chmodSync(path.join(root, 'virtual'), 0o600);
    const storage = new DirectoryStorage(root, {}, { calls: virtualCalls(size, content) });
    return { root, client: (await serve({ storage })).connect() };
  }

  it.each([0n, 4_096n, 65_536n])('is copied whole, with its permissions: size %d', async (size) => {
    const content = Buffer.alloc(size === 0n ? 300_000 : 2_500, 'content ');
    const { root, client } = await served(size, () => content);
    expect((await client.copy('virtual', 'copy')).size).toBe(content.length);
    expect(fs.readFileSync(path.join(root, 'copy')).equals(content)).toBe(true);
    expect(fs.statSync(path.join(root, 'copy')).mode & 0o777).toBe(0o600);
    expect((await client.readFile('virtual')).equals(content)).toBe(true);
  });

  it('has another etag when its content has changed, so that parts of two versions are not joined', async () => {
    let content = Buffer.from('first content');
    const { client } = await served(0n, () => content);
    const { etag } = await client.download('virtual', { length: 5 }).entry;
    expect(await client.readFile('virtual', { encoding: 'utf8', offset: 5, ifMatch: etag })).toBe(' content');
    content = Buffer.from('other content');
    await expect(client.readFile('virtual', { offset: 5, ifMatch: etag })).rejects.toMatchObject({
      code: 'ESTALE',
    });
  });

  it('is refused if its content exceeds the memory for it', async () => {
    const piece = Buffer.alloc(32 * 1024 * 1024);
    const { client } = await served(0n, () => piece);
    await expect(client.readFile('virtual')).rejects.toMatchObject({ code: 'EFBIG', retryable: false });
  });

  it('is empty if nothing can be read', async () => {
    const { client } = await served(0n, () => Buffer.alloc(0));
    expect(await client.readFile('virtual', 'utf8')).toBe('');
    expect((await client.copy('virtual', 'copy')).size).toBe(0);
  });
});

it('an empty file costs one read more, and a small one none', async () => {
  const root = await temporaryDirectory();
  fs.writeFileSync(path.join(root, 'empty'), '');
  fs.writeFileSync(path.join(root, 'small'), 'small');
  const reads: number[] = [];
  const read: FileCalls['read'] = (fd, target, position) => {
    reads.push(position);
    return fileCalls.read(fd, target, position);
  };
  const { connect } = await serve({
    storage: new DirectoryStorage(root, {}, { calls: { ...fileCalls, read } }),
  });
  const client = connect();
  expect(await client.readFile('small', 'utf8')).toBe('small');
  expect(reads).toEqual([0]);
  expect(await client.readFile('empty', 'utf8')).toBe('');
  expect(reads).toEqual([0, 0]);
});
