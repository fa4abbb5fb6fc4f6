/** The whole of the API over real TCP, for every codec, strategy and storage. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  MemoryStorage,
  type CodecName,
  type FileClient,
  type Storage,
  type StrategyName,
} from '../../src/index.js';
import { bytesOf } from '../support/bytes.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';

const codecs: CodecName[] = ['text', 'json', 'xml', 'binary'];
const strategies: StrategyName[] = ['blocking', 'non-blocking'];
const storages: Record<string, () => Promise<Storage>> = {
  directory: async () => new DirectoryStorage(await temporaryDirectory()),
  memory: () => Promise.resolve(new MemoryStorage()),
};

const combinations = codecs.flatMap((codec) =>
  strategies.flatMap((strategy) => Object.keys(storages).map((storage) => ({ codec, strategy, storage }))),
);

describe.each(combinations)('$codec, $strategy, $storage', ({ codec, strategy, storage }) => {
  async function client(): Promise<FileClient> {
    const make = storages[storage];
    if (!make) throw new Error(`no storage ${storage}`);
    const served = await serve({ storage: await make(), strategy });
    return served.connect({ codec });
  }

  it('moves a file both ways through pipelines, byte for byte', async () => {
    const files = await client();
    const directory = await temporaryDirectory();
    const bytes = bytesOf(3_000_001);
    await writeFile(path.join(directory, 'source'), bytes);

    const upload = files.upload('name with spaces & "quotes" %41 ä <b>.bin'.replace(/["<>]/g, '_'));
    await pipeline(createReadStream(path.join(directory, 'source')), upload);
    const stored = await upload.completed;
    expect(stored.size).toBe(bytes.length);
    expect(stored.checksum).toMatch(/^crc32:[0-9a-f]{8}$/);

    const download = files.download(stored.path);
    await pipeline(download, createWriteStream(path.join(directory, 'copy')));
    expect((await download.entry).size).toBe(bytes.length);
    expect(bytes.equals(await readFile(path.join(directory, 'copy')))).toBe(true);
  });

  it('moves empty files and files at the boundaries of frames and windows', async () => {
    const files = await client();
    for (const size of [0, 1, 65_535, 65_536, 65_537, 262_144, 1_048_577]) {
      const bytes = bytesOf(size, size);
      await files.writeFile(`size-${size}`, bytes);
      expect(bytes.equals(await files.readFile(`size-${size}`)), `${size} bytes`).toBe(true);
    }
  });

  it('serves a range of a file, and refuses a range beyond its end or of another version', async () => {
    const files = await client();
    const bytes = bytesOf(100_000);
    const { etag } = await files.writeFile('part', bytes);
    expect(await files.readFile('part', { offset: 10, length: 20 })).toEqual(bytes.subarray(10, 30));
    expect(await files.readFile('part', { offset: 99_999, length: 20 })).toEqual(bytes.subarray(99_999));
    expect(await files.readFile('part', { offset: 100_000 })).toEqual(Buffer.alloc(0));
    expect(bytes.equals(await files.readFile('part', { ifMatch: etag ?? '' }))).toBe(true);
    await expect(files.readFile('part', { offset: 100_001 })).rejects.toMatchObject({
      code: 'ERANGE',
      path: 'part',
    });
    await expect(files.readFile('part', { ifMatch: 'other' })).rejects.toMatchObject({ code: 'ESTALE' });
  });

  it('lists, stats, creates, renames, copies, hashes and removes', async () => {
    const files = await client();
    await files.mkdir('a/b', { recursive: true });
    await files.writeFile('a/b/one.txt', 'one');
    await files.copy('a/b/one.txt', 'a/two.txt');
    await files.rename('a/two.txt', 'a/three.txt');

    const found: string[] = [];
    for await (const entry of files.list('/', { recursive: true })) found.push(`${entry.kind} ${entry.path}`);
    expect(found.sort()).toEqual(['directory a', 'directory a/b', 'file a/b/one.txt', 'file a/three.txt']);

    const entry = await files.stat('/a/three.txt');
    expect(entry).toMatchObject({ path: 'a/three.txt', kind: 'file', size: 3 });
    expect(entry.mtime.getTime()).toBeGreaterThan(0);
    expect(await files.stat('/')).toMatchObject({ path: '', kind: 'directory' });
    expect(await files.checksum('a/three.txt', 'crc32')).toBe('crc32:7a6c86f1');

    await expect(files.remove('a')).rejects.toMatchObject({
      code: 'ENOTEMPTY',
      operation: 'remove',
      path: 'a',
    });
    await files.remove('a', { recursive: true });
    expect(await files.exists('a')).toBe(false);
    await expect(files.stat('a')).rejects.toMatchObject({ code: 'ENOENT', operation: 'stat', path: 'a' });
  });

  it('keeps the modification time of an upload', async () => {
    const files = await client();
    const mtime = new Date('2001-02-03T04:05:06.789Z');
    await files.writeFile('old', 'x', { mtime });
    expect((await files.stat('old')).mtime).toEqual(mtime);
  });

  it('answers a hundred requests and pings in parallel', async () => {
    const files = await client();
    await files.writeFile('many', bytesOf(70_000));
    const work = Array.from({ length: 100 }, async (_, index) => {
      if (index % 3 === 0) return (await files.readFile('many')).length;
      if (index % 3 === 1) return (await files.writeFile(`many-${index}`, bytesOf(70_000))).size;
      return (await files.ping()) >= 0 ? 70_000 : 0;
    });
    expect(new Set(await Promise.all(work))).toEqual(new Set([70_000]));
  });

  it('has exactly one winner when many clients upload to one name that must not exist', async () => {
    const files = await client();
    const uploads = Array.from({ length: 12 }, (_, index) =>
      files.writeFile('once', bytesOf(5_000, index), { overwrite: false }),
    );
    const outcomes = await Promise.allSettled(uploads);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EEXIST' });
    }
  });
});
