/** Uploads of files whose size is not that of their content, as in `/proc` and `/sys`, and of what is not a file. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs, { type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryStorage, type Progress } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { fileHandlePrototype, place, type Place } from '../../support/local-files/local-place.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt } from '../../support/servers/scripted.js';
import { serve } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';

const KERNEL_FILES = ['/proc/version', '/proc/cpuinfo', '/sys/kernel/mm/transparent_hugepage/enabled'];

/** Lets `stat` report this size for each file that is opened from now on. */
async function reportSize(size: number): Promise<void> {
  const prototype = await fileHandlePrototype();
  const stat = Reflect.get(prototype, 'stat') as (...args: unknown[]) => Promise<never>;
  vi.spyOn(prototype, 'stat').mockImplementation(async function (this: FileHandle, ...args) {
    const stats = await Reflect.apply(stat, this, args);
    return Object.assign(stats, { size: BigInt(size) });
  });
}

/** A server whose storage reports the sizes that uploads announce, and a local file `virtual`. */
async function placeOfVirtual(
  data: Uint8Array,
): Promise<Place & { sizes: unknown[]; memory: MemoryStorage }> {
  const at = await place({});
  await fs.writeFile(at.local('virtual'), data);
  const sizes: unknown[] = [];
  const memory = new MemoryStorage();
  const storage = storageWith({
    write: (path, options) => {
      sizes.push(options.size);
      return memory.write(path, options);
    },
    read: (path) => memory.read(path),
    stat: (path) => memory.stat(path),
  });
  return { ...at, ...(await serve({ storage })), sizes, memory };
}

describe('uploadFile', () => {
  it.each(KERNEL_FILES)('stores the content of %s', async (file) => {
    if (process.platform !== 'linux') return;
    const content = await fs.readFile(file).catch(() => undefined);
    if (!content) return;
    const at = await place({});
    const { size, resumedFrom } = await at.connect().uploadFile(file, 'kernel');
    const stored = await fs.readFile(at.remote('kernel'));
    expect(stored.length).toBeGreaterThan(0);
    expect([size, resumedFrom]).toEqual([stored.length, 0]);
    // The frequency of a processor changes between two reads.
    if (file !== '/proc/cpuinfo') expect(stored).toEqual(content);
  });

  it.each([
    [0, 1],
    [0, 20_000],
    [0, 32 * 1024],
    [4_096, 0],
    [4_096, 23],
    [4_096, 4_097],
    [40_000, 23],
  ])(
    'stores a file of the reported size %i and %i bytes, and announces its true size',
    async (size, length) => {
      const data = bytesOf(length);
      const at = await placeOfVirtual(data);
      await reportSize(size);
      const uploaded = await at.connect().uploadFile(at.local('virtual'), 'virtual');
      expect(uploaded.size).toBe(length);
      expect((await at.connect().readFile('virtual')).equals(data)).toBe(true);
      expect(at.sizes).toEqual([size > 32 * 1024 ? undefined : length]);
    },
  );

  it.each([
    [0, 3_000_000],
    [4_096, 3_000_000],
    [2_000_000, 3_000_000],
    [3_000_000, 2_000_000],
  ])('stores a file of the reported size %i and %i bytes without a size', async (size, length) => {
    const data = bytesOf(length);
    const at = await placeOfVirtual(data);
    await reportSize(size);
    const totals = new Set<number | undefined>();
    const onProgress = ({ total }: Progress): void => void totals.add(total);
    const uploaded = await at.connect().uploadFile(at.local('virtual'), 'virtual', { onProgress });
    expect(uploaded).toMatchObject({ size: length, resumedFrom: 0 });
    expect((await at.connect().readFile('virtual')).equals(data)).toBe(true);
    expect(at.sizes).toEqual([undefined]);
    expect([...totals]).toEqual([undefined]);
  });

  it('continues a virtual file after its connection was lost, and starts again in a later call', async () => {
    const data = bytesOf(6_000_000);
    const at = await placeOfVirtual(data);
    await reportSize(0);
    const cuts = new Cuts(at.port);
    const client = clientAt(at.port, { port: undefined, connect: cuts.each(3_000_000, 'bytesWritten', 1) });
    await client.uploadFile(at.local('virtual'), 'virtual');
    expect(cuts.sockets).toHaveLength(2);
    expect((await at.connect().readFile('virtual')).equals(data)).toBe(true);
    const again = await client.uploadFile(at.local('virtual'), 'virtual');
    expect(again.resumedFrom).toBe(0);
    expect(at.sizes.length).toBeGreaterThanOrEqual(2);
  });

  it('stores a virtual file under a condition, and not the content of an earlier call', async () => {
    const at = await placeOfVirtual(bytesOf(500));
    await reportSize(0);
    const client = at.connect();
    const first = await client.uploadFile(at.local('virtual'), 'virtual', { overwrite: false });
    await fs.writeFile(at.local('virtual'), bytesOf(700));
    const other = client.uploadFile(at.local('virtual'), 'virtual', { overwrite: false });
    await expect(other).rejects.toMatchObject({ code: 'EEXIST' });
    const second = await client.uploadFile(at.local('virtual'), 'virtual', { ifMatch: first.etag });
    expect(second.size).toBe(700);
  });

  it('stores a file of the size 0 whose times change with every look', async () => {
    const at = await placeOfVirtual(bytesOf(500));
    const prototype = await fileHandlePrototype();
    const stat = Reflect.get(prototype, 'stat') as (...args: unknown[]) => Promise<never>;
    vi.spyOn(prototype, 'stat').mockImplementation(async function (this: FileHandle, ...args) {
      const stats = await Reflect.apply(stat, this, args);
      const nowNs = process.hrtime.bigint();
      return Object.assign(stats, { size: 0n, mtimeNs: nowNs, ctimeNs: nowNs });
    });
    await at.connect().uploadFile(at.local('virtual'), 'virtual');
    expect((await at.connect().readFile('virtual')).length).toBe(500);
  });

  it.skipIf(process.platform === 'win32')('refuses pipes, sockets and devices, and says why', async () => {
    const at = await place({});
    await promisify(execFile)('mkfifo', [at.local('pipe')]);
    const server = createServer().listen(at.local('socket'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = at.connect();
    for (const file of [at.local('pipe'), at.local('socket'), '/dev/null', '/dev/zero']) {
      const upload = client.uploadFile(file, 'x');
      await expect(upload).rejects.toMatchObject({ code: 'EINVAL', retryable: false });
      await expect(upload).rejects.toThrow(`The local file '${file}': It is not a regular file.`);
    }
    expect(at.server.stats().totalConnections).toBe(0);
  });
});
