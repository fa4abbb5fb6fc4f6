/** Downloads into local files: the resulting file, and the files that remain after a failure. */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { Progress, DownloadFileOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes,
  cancelledDownload,
  fileHandlePrototype,
  finishedDownload,
  MTIME,
  NOTE,
  PART,
  place,
  SIZE,
} from '../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';

describe('downloadFile', () => {
  it('creates a whole file, and returns its entry and the verified checksum', async () => {
    const at = await place();
    const downloaded = await finishedDownload(at);
    const { etag, mode } = await at.connect().stat('big');
    expect(downloaded).toEqual({
      path: 'big',
      kind: 'file',
      localPath: at.local('big'),
      size: SIZE,
      mtime: MTIME,
      etag,
      mode,
      checksum: `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`,
      resumedFrom: 0,
    });
    expect((await fs.stat(at.local('big'))).mtime).toEqual(MTIME);
  });

  it('resumes after it was cancelled, with the checksum of all bytes', async () => {
    const at = await place();
    await cancelledDownload(at);
    expect(await at.names()).toEqual([NOTE, PART]);
    const { resumedFrom, checksum } = await finishedDownload(at);
    expect(resumedFrom).toBeGreaterThanOrEqual(1_000_000);
    expect(checksum).toBe(`crc32:${crc32(bytes).toString(16).padStart(8, '0')}`);
  });

  it('restarts from byte 0 with another checksum than before', async () => {
    const at = await place();
    await cancelledDownload(at);
    const { resumedFrom, checksum } = await finishedDownload(at, bytes, { checksum: 'sha256' });
    expect(resumedFrom).toBe(0);
    expect(checksum).toMatch(/^sha256:/);
  });

  it('restarts from byte 0 without a checksum, because the earlier bytes cannot be verified', async () => {
    const at = await place();
    await cancelledDownload(at);
    const { resumedFrom, checksum } = await finishedDownload(at, bytes, { checksum: 'none' });
    expect([resumedFrom, checksum]).toEqual([0, undefined]);
  });

  it('leaves nothing without a checksum when it is cancelled', async () => {
    const at = await place();
    await cancelledDownload(at, { checksum: 'none' });
    expect(await at.names()).toEqual([]);
  });

  it('keeps its partial file when it is cancelled while it hashes the earlier bytes', async () => {
    const at = await place();
    await cancelledDownload(at);
    const controller = new AbortController();
    const read = vi.spyOn(await fileHandlePrototype(), 'read');
    read.mockImplementationOnce(async () => {
      controller.abort();
      return { bytesRead: 1, buffer: Buffer.alloc(1) };
    });
    const again = at.connect().downloadFile('big', at.local('big'), { signal: controller.signal });
    await expect(again).rejects.toMatchObject({ code: 'ECANCELED' });
    expect((await finishedDownload(at)).resumedFrom).toBeGreaterThanOrEqual(1_000_000);
  });

  it('fails with ETIMEDOUT at its time limit, and is resumed by the next call', async () => {
    const at = await place();
    pauseTimeouts();
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 1_000_000) vi.advanceTimersByTime(50);
    };
    const download = at.connect().downloadFile('big', at.local('big'), { timeoutMs: 50, onProgress });
    await expect(download).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await finishedDownload(at);
  });

  it('does nothing when it is cancelled before it starts', async () => {
    const at = await place();
    const download = at.connect().downloadFile('big', at.local('big'), { signal: AbortSignal.abort() });
    await expect(download).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(await at.names()).toEqual([]);
    expect(at.server.stats().totalConnections).toBe(0);
  });

  it('of a file that changes during the download is ESTALE, and leaves nothing', async () => {
    const at = await place();
    let changed: Promise<void> | undefined;
    const onProgress = (): void => void (changed ??= fs.appendFile(at.remote('big'), 'more'));
    const download = at.connect().downloadFile('big', at.local('big'), { onProgress });
    await expect(download).rejects.toMatchObject({ code: 'ESTALE' });
    await changed;
    expect(await at.names()).toEqual([]);
  });

  describe('to an existing target', () => {
    it('keeps the older file until the new one is complete, and keeps its permissions', async () => {
      const at = await place();
      await fs.writeFile(at.local('big'), 'older', { mode: 0o640 });
      await cancelledDownload(at);
      expect(await fs.readFile(at.local('big'), 'utf8')).toBe('older');
      await finishedDownload(at);
      if (process.platform !== 'win32') {
        expect((await fs.stat(at.local('big'))).mode & 0o777).toBe(0o640);
      }
    });

    it('fails with EEXIST at once when it must not be replaced, without a request', async () => {
      const at = await place();
      await fs.writeFile(at.local('big'), 'older');
      const download = at.connect().downloadFile('big', at.local('big'), { overwrite: false });
      await expect(download).rejects.toMatchObject({ code: 'EEXIST' });
      await expect(download).rejects.toThrow(at.local('big'));
      expect(at.server.stats().totalConnections).toBe(0);
      expect(await at.names()).toEqual(['big']);
    });

    it('fails with EEXIST when it appears meanwhile and must not be replaced, and leaves nothing else', async () => {
      const at = await place();
      let made: Promise<void> | undefined;
      const onProgress = (): void => void (made ??= fs.writeFile(at.local('big'), 'winner'));
      const download = at.connect().downloadFile('big', at.local('big'), { overwrite: false, onProgress });
      await expect(download).rejects.toMatchObject({ code: 'EEXIST' });
      await made;
      expect(await fs.readFile(at.local('big'), 'utf8')).toBe('winner');
      expect(await at.names()).toEqual(['big']);
    });

    it('replaces a link to a file, not the file that the link points to', async () => {
      const at = await place();
      const other = path.join(await temporaryDirectory(), 'other');
      await fs.writeFile(other, 'other');
      await fs.symlink(other, at.local('big'));
      await finishedDownload(at);
      expect((await fs.lstat(at.local('big'))).isFile()).toBe(true);
      expect(await fs.readFile(other, 'utf8')).toBe('other');
    });

    it('fails with EISDIR for a directory, a link to one, and a name that denotes one', async () => {
      const at = await place();
      await fs.mkdir(at.local('directory'));
      await fs.symlink(at.local('directory'), at.local('link'));
      for (const name of ['directory', 'link', 'new/']) {
        const download = at.connect().downloadFile('big', `${at.local('.')}/${name}`);
        await expect(download).rejects.toMatchObject({ code: 'EISDIR' });
      }
      expect(await at.names()).toEqual(['directory', 'link']);
    });

    it.skipIf(process.platform === 'win32')('fails with EINVAL for a pipe, and keeps the pipe', async () => {
      const at = await place();
      await promisify(execFile)('mkfifo', [at.local('big')]);
      const download = at.connect().downloadFile('big', at.local('big'));
      await expect(download).rejects.toMatchObject({ code: 'EINVAL' });
      expect((await fs.stat(at.local('big'))).isFIFO()).toBe(true);
    });
  });

  describe('twice at the same time to one target', () => {
    it('fails with EBUSY for the second call in the same process, and works afterwards', async () => {
      const at = await place();
      const client = at.connect();
      const all = await Promise.allSettled(
        Array.from({ length: 4 }, () => client.downloadFile('big', at.local('big'))),
      );
      const refused = all.filter((one) => one.status === 'rejected');
      expect(refused).toHaveLength(3);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'EBUSY', retryable: true });
      await finishedDownload(at);
    });

    it('has one winner when the target must not be replaced', async () => {
      const at = await place({ big: bytes, other: bytesOf(1_000, 4) });
      const all = await Promise.allSettled(
        ['big', 'other'].map((name) =>
          at.connect().downloadFile(name, at.local('target'), { overwrite: false }),
        ),
      );
      const [winner, ...more] = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(more).toEqual([]);
      expect((await fs.readFile(at.local('target'))).length).toBe(winner?.size);
      expect(await at.names()).toEqual(['target']);
    });
  });

  it('downloads empty files, and names of the maximum length', async () => {
    const names = ['empty', 'n'.repeat(255), 'ä'.repeat(127)];
    const at = await place({ empty: Buffer.alloc(0), full: bytes });
    const client = at.connect();
    for (const name of names) {
      const remote = name === 'empty' ? name : 'full';
      const { size } = await client.downloadFile(remote, at.local(name));
      expect((await fs.readFile(at.local(name))).length).toBe(size);
    }
    expect(await at.names()).toEqual([...names].sort());
  });

  it('accepts a file URL, and a path relative to the working directory', async () => {
    const at = await place();
    await at.connect().downloadFile('big', new URL(`file://${at.local('by-url')}`));
    const relative = path.relative(process.cwd(), at.local('relative'));
    const { localPath } = await at.connect().downloadFile('big', relative);
    expect(localPath).toBe(at.local('relative'));
    expect(await at.names()).toEqual(['by-url', 'relative']);
  });

  it('sets no modification time without preserveTimestamps', async () => {
    const at = await place();
    await at.connect().downloadFile('big', at.local('big'), { preserveTimestamps: false });
    expect((await fs.stat(at.local('big'))).mtimeMs).toBeGreaterThan(MTIME.getTime() + 1_000_000);
  });

  it('flushes the file and its name to the disk, unless flush is false', async () => {
    const at = await place();
    const sync = vi.spyOn(await fileHandlePrototype(), 'sync');
    await at.connect().downloadFile('big', at.local('big'), { flush: false });
    expect(sync).not.toHaveBeenCalled();
    await at.connect().downloadFile('big', at.local('big'));
    expect(sync).toHaveBeenCalledTimes(process.platform === 'win32' ? 1 : 2);
  });

  it('reports its progress from its offset to the end', async () => {
    const at = await place();
    await cancelledDownload(at);
    const told: [number, number | undefined][] = [];
    const { resumedFrom } = await at.connect().downloadFile('big', at.local('big'), {
      onProgress: ({ bytes: now, total }) => void told.push([now, total]),
    });
    expect(told[0]).toEqual([resumedFrom, SIZE]);
    expect(told.at(-1)).toEqual([SIZE, SIZE]);
    expect(told.map(([now]) => now)).toEqual(told.map(([now]) => now).sort((a, b) => a - b));
  });

  it('fails with the error that a listener throws, and can be resumed', async () => {
    const at = await place();
    const mistake = new RangeError('a mistake of the caller');
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 500_000) throw mistake;
    };
    await expect(at.connect().downloadFile('big', at.local('big'), { onProgress })).rejects.toBe(mistake);
    expect((await finishedDownload(at)).resumedFrom).toBeGreaterThan(500_000);
  });

  it('rejects wrong options and paths before it does anything', async () => {
    const at = await place();
    const client = at.connect();
    for (const wrong of [{ overwrit: true }, { preserveTimestamps: 5 }, { flush: 1 }, { onProgress: 1 }]) {
      const download = client.downloadFile('big', at.local('big'), wrong as unknown as DownloadFileOptions);
      await expect(download).rejects.toThrow(TypeError);
    }
    for (const wrong of ['', 'a\0b', 5 as unknown as string, new URL('http://host/file')]) {
      await expect(client.downloadFile('big', wrong)).rejects.toThrow(TypeError);
    }
    await expect(client.downloadFile('../big', at.local('big'))).rejects.toMatchObject({ code: 'EILSEQ' });
    expect(await at.names()).toEqual([]);
  });
});
