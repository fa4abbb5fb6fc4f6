/** Parts of downloads that do not fit, and local file systems that fail. */
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openIn } from '../../storage/directory/directory-fixture.js';
import { answering } from '../../support/servers/answering.js';
import { syncWriter } from '../../../src/client/local/partial-download/partial-download.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes,
  cancelledDownload,
  fileHandlePrototype,
  finishedDownload,
  NOTE,
  PART,
  place,
  SIZE,
  systemError,
} from '../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import type { Progress } from '../../../src/index.js';

describe('a download', () => {
  describe('with a partial file that does not match', () => {
    it.each([0, 1_000_000, 'the last'] as const)(
      'restarts when byte %s of the partial file was changed',
      async (where) => {
        const at = await place();
        await cancelledDownload(at);
        const { size: length } = await fs.stat(at.local(PART));
        const handle = await fs.open(at.local(PART), 'r+');
        const position = where === 'the last' ? length - 1 : where;
        await handle.write(Buffer.of(bytes[position]! ^ 0x10), 0, 1, position);
        await handle.close();
        expect((await finishedDownload(at)).resumedFrom).toBe(0);
      },
    );

    it.each([
      ['of the same size', bytesOf(SIZE, 2)],
      ['that is shorter than the part', bytesOf(100_000, 2)],
      ['that is empty', Buffer.alloc(0)],
      ['that begins with the same bytes', bytesOf(SIZE + 1)],
    ])('restarts with a version %s', async (_what, other) => {
      const at = await place();
      await cancelledDownload(at);
      await fs.writeFile(at.remote('big'), other);
      expect((await finishedDownload(at, other)).resumedFrom).toBe(0);
    });

    it('restarts when the partial file is longer than the remote file', async () => {
      const at = await place();
      await cancelledDownload(at);
      await fs.truncate(at.local(PART), SIZE + 1);
      await until(() => at.server.stats().activeRequests === 0);
      const before = at.server.stats().failedRequests;
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
      expect(at.server.stats().failedRequests).toBe(before);
    });

    it('restarts when the partial file is of another remote file', async () => {
      const other = bytesOf(SIZE, 3);
      const at = await place({ big: bytes, other });
      await cancelledDownload(at);
      const { resumedFrom } = await at.connect().downloadFile('other', at.local('big'));
      expect(resumedFrom).toBe(0);
      expect((await fs.readFile(at.local('big'))).equals(other)).toBe(true);
      expect(await at.names()).toEqual(['big']);
    });

    it.each([
      ['no JSON', (note: string) => note.slice(0, -1)],
      ['no object', () => '{"version":'],
      ['of another version', (note: string) => note.replace('"version":1', '"version":2')],
      ['of another path', (note: string) => note.replace('"path":"big"', '"path":"other"')],
      ['without an etag', (note: string) => note.replace('"etag"', '"no-etag"')],
      ['of no size', (note: string) => note.replace(`"size":${SIZE}`, '"size":null')],
      ['very long', (note: string) => note + ' '.repeat(100_000)],
    ])('restarts when the metadata is %s', async (_what, change) => {
      const at = await place();
      await cancelledDownload(at);
      const note = await fs.readFile(at.local(NOTE), 'utf8');
      await fs.writeFile(at.local(NOTE), change(note));
      expect(await fs.readFile(at.local(NOTE), 'utf8')).not.toBe(note);
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
    });

    it('restarts when the metadata or the partial file is missing', async () => {
      const at = await place();
      await cancelledDownload(at);
      await fs.rm(at.local(NOTE));
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
      await fs.rm(at.local('big'));
      await cancelledDownload(at);
      await fs.rm(at.local(PART));
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
    });

    it.each(['symlink', 'link'] as const)('writes nothing into another file through a %s', async (link) => {
      const at = await place();
      await cancelledDownload(at);
      const other = path.join(await temporaryDirectory(), 'other');
      await fs.rename(at.local(PART), other);
      const before = await fs.readFile(other);
      await fs[link](other, at.local(PART));
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
      expect((await fs.readFile(other)).equals(before)).toBe(true);
      expect((await fs.lstat(at.local('big'))).nlink).toBe(1);
    });

    it('writes nothing into a file that was renamed to the partial file during the open', async () => {
      const at = await place();
      await cancelledDownload(at);
      const before = await fs.readFile(at.local(PART));
      const elsewhere = path.join(await temporaryDirectory(), 'elsewhere');
      const open = fs.open.bind(fs);
      vi.spyOn(fs, 'open').mockImplementationOnce(async (...args) => {
        const handle = await open(...args);
        await fs.rename(at.local(PART), elsewhere);
        return handle;
      });
      await finishedDownload(at);
      expect((await fs.readFile(elsewhere)).equals(before)).toBe(true);
    });

    it('is EBUSY when another file has taken the name of its partial file, and keeps that file', async () => {
      const at = await place();
      let replaced: Promise<void> | undefined;
      const replace = async (): Promise<void> => {
        await fs.rm(at.local(PART));
        await fs.writeFile(at.local(PART), 'another one');
      };
      const onProgress = ({ bytes: now }: Progress): void => {
        if (now > 1_000_000) replaced ??= replace();
      };
      const download = at.connect().downloadFile('big', at.local('big'), { onProgress });
      await expect(download).rejects.toMatchObject({ code: 'EBUSY' });
      await replaced;
      expect(await fs.readFile(at.local(PART), 'utf8')).toBe('another one');
      expect(await at.names()).not.toContain('big');
    });

    it('accepts no byte of another version from a server that does not compare', async () => {
      const at = await place();
      await cancelledDownload(at);
      const { size: offset } = await fs.stat(at.local(PART));
      const { port, opens } = await answering({
        opens: [
          `accept id=ID path=big kind=file offset=${offset} size=${SIZE} mtime=1 etag=other checksum=crc32\n`,
          'error id=ID code=EIO retryable=false\n',
        ],
      });
      const download = at.connect({ port, codec: 'text' }).downloadFile('big', at.local('big'));
      await expect(download).rejects.toMatchObject({ code: 'EIO' });
      expect(opens[0]).toContain(`offset=${offset} `);
      expect(opens[1]).toContain('offset=0 ');
      expect(await at.names()).toEqual([]);
    });

    it('leaves nothing when the remote file is gone', async () => {
      const at = await place();
      await cancelledDownload(at);
      await fs.rm(at.remote('big'));
      const download = at.connect().downloadFile('big', at.local('big'));
      await expect(download).rejects.toMatchObject({ code: 'ENOENT', path: 'big' });
      expect(await at.names()).toEqual([]);
    });
  });

  describe('when the local file system fails', () => {
    it('reports ENOSPC of a synchronous write, and resumes when there is room', async () => {
      const at = await place();
      const written = syncWriter.write.bind(syncWriter);
      let left = 3;
      const write = vi.spyOn(syncWriter, 'write').mockImplementation((...args) => {
        if (left-- === 0) throw systemError('ENOSPC');
        return written(...args);
      });
      const download = at.connect().downloadFile('big', at.local('big'));
      await expect(download).rejects.toMatchObject({ code: 'ENOSPC', cause: { code: 'ENOSPC' } });
      await expect(download).rejects.toThrow(at.local('big'));
      write.mockRestore();
      expect((await finishedDownload(at)).resumedFrom).toBeGreaterThan(0);
    });

    it('reports ENOSPC with the local file, and resumes when there is room', async () => {
      const at = await place();
      vi.spyOn(syncWriter, 'write').mockReturnValue(undefined);
      const prototype = await fileHandlePrototype();
      const written = Reflect.get(prototype, 'writev') as (...args: unknown[]) => Promise<never>;
      let left = 3;
      const write = vi.spyOn(prototype, 'writev').mockImplementation(async function (
        this: FileHandle,
        ...args
      ) {
        if (left-- === 0) throw systemError('ENOSPC');
        return Reflect.apply(written, this, args);
      });
      const download = at.connect().downloadFile('big', at.local('big'));
      await expect(download).rejects.toMatchObject({ code: 'ENOSPC', cause: { code: 'ENOSPC' } });
      await expect(download).rejects.toThrow(at.local('big'));
      write.mockRestore();
      expect((await finishedDownload(at)).resumedFrom).toBeGreaterThan(0);
    });

    it.each(['EACCES', 'EPERM', 'EROFS'])('reports %s of the directory', async (code) => {
      const at = await place();
      vi.spyOn(fs, 'open').mockRejectedValue(systemError(code));
      vi.spyOn(fs, 'access').mockRejectedValue(systemError(code));
      const download = at.connect().downloadFile('big', at.local('big'));
      const told = code === 'EPERM' ? 'EACCES' : code;
      await expect(download).rejects.toMatchObject({ code: told, operation: 'download', path: 'big' });
      await expect(download).rejects.toThrow(at.local('big'));
      expect(at.server.stats().totalConnections).toBe(0);
    });

    it('reports ENOENT of a missing directory, and ENOTDIR', async () => {
      const at = await place();
      const client = at.connect();
      await fs.writeFile(at.local('file'), '');
      const missing = client.downloadFile('big', at.local('no/big'));
      await expect(missing).rejects.toMatchObject({ code: 'ENOENT', cause: { code: 'ENOENT' } });
      const below = client.downloadFile('big', at.local('file/big'));
      await expect(below).rejects.toMatchObject({ code: 'ENOTDIR' });
    });

    it.each([
      ['chmod', SIZE],
      ['utimes', SIZE],
      // Who failed to write once is not believed the second time.
      ['sync', 0],
    ] as const)('keeps the older file when %s fails, and has %i bytes to resume from', async (call, left) => {
      const at = await place();
      await fs.writeFile(at.local('big'), 'older');
      vi.spyOn(await fileHandlePrototype(), call).mockRejectedValue(systemError('EIO'));
      await expect(at.connect().downloadFile('big', at.local('big'))).rejects.toMatchObject({ code: 'EIO' });
      expect(await fs.readFile(at.local('big'), 'utf8')).toBe('older');
      vi.restoreAllMocks();
      expect((await finishedDownload(at)).resumedFrom).toBe(left);
    });
  });

  it.skipIf(process.platform !== 'linux')('closes all files, however it ends', async () => {
    const at = await place();
    await cancelledDownload(at);
    expect(await openIn(path.dirname(at.local('big')))).toEqual([]);
    await finishedDownload(at);
    expect(await openIn(path.dirname(at.local('big')))).toEqual([]);
    const kept = at.connect().downloadFile('big', at.local('big'), { overwrite: false });
    await expect(kept).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(at.connect().downloadFile('no', at.local('no'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await openIn(path.dirname(at.local('big')))).toEqual([]);
  });
});
