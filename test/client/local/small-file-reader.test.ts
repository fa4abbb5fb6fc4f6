/** Small local files are read synchronously; large, remote and missing files are left to threads. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import { LocalSource } from '../../../src/client/local/local-source.js';
import { SmallFileReader } from '../../../src/client/local/small-file-reader.js';
import { LocalMount } from '../../../src/sync-fs/local-mount.js';
import { SyncCallGate } from '../../../src/sync-fs/sync-call-gate.js';
import { bytesOf } from '../../support/bytes.js';
import { awakeReader, byThreads, smallFiles } from '../../support/local-files/small-files.js';
import { everyCallIsShort } from '../../support/local-files/open-gate.js';

const KIB = 1024;

// 256 until the end of the tick is detected, and as many by the reads that waited for it.
const MAX_IN_ONE_TURN = 512;

/** The open files of the process in a directory, and the directory itself. */
function openBelow(directory: string): string[] {
  const open = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // That of the listing itself.
      return '';
    }
  });
  return open.filter((name) => name.startsWith(directory));
}

beforeEach(everyCallIsShort);

afterEach(() => vi.restoreAllMocks());

describe.runIf(process.platform === 'linux')('a small local file', () => {
  it.each([0, 1, 10_000, 32 * KIB])('of %i bytes is read whole, synchronously', async (size) => {
    const [file = ''] = await smallFiles(size);
    const read = await (await awakeReader()).read(file);
    expect(read?.bytes.equals(fs.readFileSync(file))).toBe(true);
    expect(read?.version.size).toBe(size);
  });

  it('is found by its relative path', async () => {
    const [file = ''] = await smallFiles(10);
    const small = await awakeReader();
    expect(await small.read(path.relative(process.cwd(), file))).toBeDefined();
    expect(await small.read('package.json')).toBeDefined();
  });

  it('shares its buffer with later reads only after the buffer is released', async () => {
    const [one = '', other = ''] = await smallFiles(10_000, 10_000);
    const small = await awakeReader();
    const first = await small.read(one);
    const second = await small.read(other);
    expect(first?.bytes.equals(bytesOf(10_000, 0))).toBe(true);
    second?.free();
    const third = await small.read(one);
    expect(third?.bytes.buffer).toBe(second?.bytes.buffer);
  });

  it.each([
    ['is written', (file: string) => fs.writeFileSync(file, 'other bytes')],
    ['grows', (file: string) => fs.appendFileSync(file, 'more')],
    ['shrinks', (file: string) => fs.truncateSync(file, 5)],
    ['is touched', (file: string) => fs.utimesSync(file, 5, 5)],
  ])('that %s during the read fails with ESTALE', async (_what, change) => {
    const [file = ''] = await smallFiles(10_000);
    const read = fs.readSync.bind(fs) as (...args: unknown[]) => number;
    vi.spyOn(fs, 'readSync').mockImplementation((...args: unknown[]) => {
      change(file);
      return read(...args);
    });
    const reading = (await awakeReader()).read(file);
    await expect(reading).rejects.toMatchObject({ code: 'ESTALE' });
    await expect(reading).rejects.toThrow(file);
  });

  it('that gets other permissions during the read is left to the other way of reading', async () => {
    const [file = ''] = await smallFiles(10_000);
    const read = fs.readSync.bind(fs) as (...args: unknown[]) => number;
    vi.spyOn(fs, 'readSync').mockImplementation((...args: unknown[]) => {
      fs.chmodSync(file, 0o600);
      return read(...args);
    });
    expect(await (await awakeReader()).read(file)).toBeUndefined();
  });

  it('that does not exist fails with the same error as any other file', async () => {
    const [file = ''] = await smallFiles(10);
    const small = await awakeReader();
    const missing = small.read(`${file}-missing`);
    await expect(missing).rejects.toMatchObject({
      code: 'ENOENT',
      cause: { code: 'ENOENT', syscall: 'open' },
    });
    await expect(missing).rejects.toThrow(`The local file '${file}-missing'`);
    await expect(small.read(path.dirname(file))).rejects.toMatchObject({ code: 'EISDIR' });
    await promisify(execFile)('mkfifo', [`${file}-pipe`]);
    await expect(small.read(`${file}-pipe`)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(small.read('')).rejects.toThrow(TypeError);
  });

  it('is closed in every case', async () => {
    const [file = '', large = ''] = await smallFiles(10, 100_000);
    const small = await awakeReader();
    for (const path of [file, large, `${file}/..`]) await small.read(path);
    await expect(small.read(path.dirname(file))).rejects.toThrow();
    expect(openBelow(path.dirname(file))).toEqual([]);
    const held = fs.openSync(file, 'r');
    expect(openBelow(path.dirname(file))).toEqual([file]);
    fs.closeSync(held);
  });
});

describe.runIf(process.platform === 'linux')('the small file reader leaves to threads', () => {
  it('large files', async () => {
    const [file = ''] = await smallFiles(32 * KIB + 1);
    expect(await (await awakeReader()).read(file)).toBeUndefined();
  });

  it('links and names that only a directory can have, without opening them', async () => {
    const [file = ''] = await smallFiles(10);
    fs.symlinkSync(file, `${file}-link`);
    const small = await awakeReader();
    expect(await small.read(`${file}-link`)).toBeUndefined();
    const open = vi.spyOn(fs, 'openSync');
    const directory = path.dirname(file);
    for (const end of ['/', '/.', '/..']) expect(await small.read(directory + end)).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
  });

  it('files that are not known to be local, without opening them', async () => {
    const open = vi.spyOn(fs, 'openSync');
    expect(await (await awakeReader()).read('/proc/self/status')).toBeUndefined();
    vi.spyOn(LocalMount.prototype, 'isLocal').mockReturnValue(false);
    const [file = ''] = await smallFiles(10);
    open.mockClear();
    expect(await (await awakeReader()).read(file)).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
  });

  it('all files while synchronous calls are slow', async () => {
    const [file = ''] = await smallFiles(10);
    vi.spyOn(SyncCallGate.prototype, 'allows').mockReturnValue(false);
    const open = vi.spyOn(fs, 'openSync');
    expect(await (await awakeReader()).read(file)).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
  });

  it('further files while many are held in memory', async () => {
    const [file = ''] = await smallFiles(32 * KIB);
    const small = await awakeReader();
    const held = await Promise.all(Array.from({ length: 600 }, () => small.read(file)));
    const read = held.filter((one) => one !== undefined);
    expect(read).toHaveLength(512);
    expect(await byThreads(small, file)).toBeUndefined();
    for (const one of read) await small.holding(one, async () => undefined);
    expect(await small.read(file)).toBeDefined();
    expect(await byThreads(small, file)).toBeDefined();
  });

  it('the first file, and the first file after a pause', async () => {
    const [file = ''] = await smallFiles(10);
    const open = vi.spyOn(fs, 'openSync');
    const small = new SmallFileReader();
    expect(await small.read(file)).toBeUndefined();
    expect(await byThreads(small, file)).toBeDefined();
    expect(await small.read(file)).toBeDefined();
    open.mockClear();
    const later = performance.now() + 2_000;
    vi.spyOn(performance, 'now').mockReturnValue(later);
    expect(await small.read(file)).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
  });
});

describe('a small local file that is opened by threads', () => {
  it.each([0, 1, 10_000, 32 * KIB])('of %i bytes is read whole', async (size) => {
    const [file = ''] = await smallFiles(size);
    expect(await byThreads(new SmallFileReader(), file)).toEqual(fs.readFileSync(file));
  });

  it('is read in pieces if it is large', async () => {
    const [file = ''] = await smallFiles(32 * KIB + 1);
    expect(await byThreads(new SmallFileReader(), file)).toBeUndefined();
  });

  it('is read in pieces while many files are held or being read', async () => {
    const [file = ''] = await smallFiles(32 * KIB);
    const small = new SmallFileReader();
    const sources = await Promise.all(Array.from({ length: 520 }, () => LocalSource.open(file)));
    const read = await Promise.all(sources.map((source) => small.readFrom(source)));
    await Promise.all(sources.map((source) => source.close()));
    expect(read.filter((one) => one !== undefined)).toHaveLength(512);
  });

  it('is read whole however many files were read before', async () => {
    const [file = ''] = await smallFiles(32 * KIB);
    const small = new SmallFileReader();
    for (let times = 0; times < 600; times++) expect(await byThreads(small, file)).toBeDefined();
  });

  it('fails with ESTALE if it changes during the read', async () => {
    const [file = ''] = await smallFiles(10_000);
    const source = await LocalSource.open(file);
    fs.appendFileSync(file, 'more');
    await expect(new SmallFileReader().readFrom(source)).rejects.toMatchObject({ code: 'ESTALE' });
    const read = { bytes: 10_000, checksum: () => new BodyChecksum('crc32') };
    await expect(source.assertUnchanged(read)).rejects.toThrow(file);
    await source.close();
  });

  it('is read again if its permissions change during the read, and is the same', async () => {
    const [file = ''] = await smallFiles(10_000);
    const source = await LocalSource.open(file);
    fs.chmodSync(file, 0o600);
    const small = await new SmallFileReader().readFrom(source);
    expect(small?.bytes.equals(fs.readFileSync(file))).toBe(true);
    await source.close();
  });

  it('fails with ESTALE if it changes between both readings, although its time was put back', async () => {
    const [file = ''] = await smallFiles(10_000);
    fs.utimesSync(file, 5, 5);
    const source = await LocalSource.open(file);
    const readInto = source.readInto.bind(source);
    vi.spyOn(source, 'readInto').mockImplementation(async (target) => {
      const bytesRead = await readInto(target);
      fs.writeFileSync(file, bytesOf(10_000, 1));
      fs.utimesSync(file, 5, 5);
      return bytesRead;
    });
    await expect(new SmallFileReader().readFrom(source)).rejects.toMatchObject({ code: 'ESTALE' });
    await source.close();
  });
});

it.runIf(process.platform === 'linux')(
  'timers fire at least once for each batch of small files',
  async () => {
    const [file = ''] = await smallFiles(10);
    const open = fs.openSync.bind(fs);
    let [inThisTurn, most] = [0, 0];
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
      if (inThisTurn++ === 0) setImmediate(() => (inThisTurn = 0));
      most = Math.max(most, inThisTurn);
      return open(...args);
    });
    const small = await awakeReader();
    await Promise.all(Array.from({ length: 3_000 }, () => small.read(file)));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(MAX_IN_ONE_TURN);
  },
);
