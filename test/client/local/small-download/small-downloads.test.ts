/** Small downloads into local files, by direct calls and by the thread pool. */
import nodeFs from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { directCalls } from '../../../../src/client/local/small-download/direct-calls.js';
import { MAX_SMALL_BYTES } from '../../../../src/client/local/small-download/small-body.js';
import { bytesOf } from '../../../support/bytes.js';
import {
  cancelledDownload,
  fileHandlePrototype,
  MTIME,
  NOTE,
  PART,
  place,
  systemError,
} from '../../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';
import { telling } from '../../../support/servers/telling.js';
import { until } from '../../../support/until.js';

const small = bytesOf(1_000, 3);

/** Makes all conditions of direct calls true. */
function alwaysDirect(): void {
  vi.spyOn(directCalls, 'realPathOf').mockImplementation((directory) => nodeFs.realpathSync(directory));
  vi.spyOn(directCalls, 'write').mockImplementation((calls) => {
    calls();
    return true;
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(['directly', 'in threads'])('a small download, written %s', (how) => {
  const options = how === 'directly' ? ({ fileCalls: 'auto' } as const) : ({ fileCalls: 'threads' } as const);

  beforeEach(() => {
    if (how === 'directly') alwaysDirect();
  });

  it.each([0, 1, MAX_SMALL_BYTES])(
    'of %i bytes has the bytes and the time, and leaves nothing else',
    async (size) => {
      const at = await place({ big: bytesOf(size, 1) });
      const names: string[] = [];
      const onProgress = (): void => void names.push(...nodeFs.readdirSync(at.local('.')));
      const result = await at
        .connect(options)
        .downloadFile('big', at.local('big'), { flush: false, onProgress });
      expect(result).toMatchObject({ size, resumedFrom: 0, mtime: MTIME, localPath: at.local('big') });
      expect((await fs.readFile(at.local('big'))).equals(bytesOf(size, 1))).toBe(true);
      expect((await fs.stat(at.local('big'))).mtime).toEqual(MTIME);
      expect([names, await at.names()]).toEqual([[], ['big']]);
    },
  );

  it.skipIf(process.platform === 'win32')('keeps the permissions of the file that it replaces', async () => {
    const at = await place({ big: small });
    await fs.writeFile(at.local('big'), 'older');
    await fs.chmod(at.local('big'), 0o604);
    await at.connect(options).downloadFile('big', at.local('big'), { flush: false });
    expect((await fs.stat(at.local('big'))).mode & 0o777).toBe(0o604);
    expect((await fs.readFile(at.local('big'))).equals(small)).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'gets the permissions of the original with preserveMode',
    async () => {
      const at = await place({ big: small });
      await fs.chmod(at.remote('big'), 0o640);
      await at.connect(options).downloadFile('big', at.local('big'), { flush: false, preserveMode: true });
      expect((await fs.stat(at.local('big'))).mode & 0o777).toBe(0o640);
    },
  );

  it('replaces a link, not the file behind it', async () => {
    const at = await place({ big: small });
    const other = path.join(await temporaryDirectory(), 'other');
    await fs.writeFile(other, 'other');
    await fs.symlink(other, at.local('big'));
    await at.connect(options).downloadFile('big', at.local('big'), { flush: false });
    expect((await fs.lstat(at.local('big'))).isFile()).toBe(true);
    expect(await fs.readFile(other, 'utf8')).toBe('other');
  });

  it.each([true, false])('has its name only once with overwrite: %s', async (overwrite) => {
    const at = await place({ big: small });
    await at.connect(options).downloadFile('big', at.local('big'), { flush: false, overwrite });
    expect((await fs.stat(at.local('big'))).nlink).toBe(1);
    expect(await at.names()).toEqual(['big']);
  });

  it('fails with EEXIST if the target appears meanwhile and must not be replaced', async () => {
    const at = await place({ big: small });
    const onProgress = (): void => nodeFs.writeFileSync(at.local('big'), 'winner');
    const request = { flush: false, overwrite: false, onProgress };
    const download = at.connect(options).downloadFile('big', at.local('big'), request);
    await expect(download).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await fs.readFile(at.local('big'), 'utf8')).toBe('winner');
    expect(await at.names()).toEqual(['big']);
  });

  it('fails with ENOSPC, and leaves the older file and nothing else', async () => {
    const at = await place({ big: small });
    await fs.writeFile(at.local('big'), 'older');
    vi.spyOn(nodeFs, 'writevSync').mockImplementation(() => {
      throw systemError('ENOSPC');
    });
    vi.spyOn(await fileHandlePrototype(), 'writev').mockRejectedValue(systemError('ENOSPC'));
    const download = at.connect(options).downloadFile('big', at.local('big'), { flush: false });
    await expect(download).rejects.toMatchObject({ code: 'ENOSPC', cause: { code: 'ENOSPC' } });
    await expect(download).rejects.toThrow(at.local('big'));
    expect(await fs.readFile(at.local('big'), 'utf8')).toBe('older');
    expect(await at.names()).toEqual(['big']);
  });

  it('fails with ENOENT of the server, and leaves nothing', async () => {
    const at = await place({ big: small });
    const download = at.connect(options).downloadFile('missing', at.local('big'), { flush: false });
    await expect(download).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await at.names()).toEqual([]);
  });

  it('fails with the error that a listener throws, and can be repeated', async () => {
    const at = await place({ big: small });
    const mistake = new RangeError('a mistake of the caller');
    const onProgress = ({ bytes }: { bytes: number }): void => {
      if (bytes > 0) throw mistake;
    };
    const client = at.connect(options);
    const request = { flush: false, onProgress };
    await expect(client.downloadFile('big', at.local('big'), request)).rejects.toBe(mistake);
    expect(await at.names()).toEqual([]);
    await client.downloadFile('big', at.local('big'), { flush: false });
    expect(await at.names()).toEqual(['big']);
  });

  it('is EBUSY for a second call to the same target at the same time', async () => {
    const at = await place({ big: small });
    const opens: string[] = [];
    const { port } = await telling(({ line }) => {
      if (line.startsWith('open')) opens.push(line);
    });
    const controller = new AbortController();
    const { signal } = controller;
    const silent = at
      .connect({ ...options, port, codec: 'text' })
      .downloadFile('big', at.local('big'), { signal });
    silent.catch(() => undefined);
    await until(() => opens.length > 0);
    const client = at.connect(options);
    const second = client.downloadFile('big', at.local('big'), { flush: false });
    await expect(second).rejects.toMatchObject({ code: 'EBUSY', retryable: true });
    controller.abort();
    await expect(silent).rejects.toMatchObject({ code: 'ECANCELED' });
    await client.downloadFile('big', at.local('big'), { flush: false });
    expect((await fs.readFile(at.local('big'))).equals(small)).toBe(true);
  });

  it('removes the part of a larger version', async () => {
    const at = await place();
    await cancelledDownload(at, options);
    expect(await at.names()).toEqual([NOTE, PART]);
    await fs.writeFile(at.remote('big'), small);
    await at.connect(options).downloadFile('big', at.local('big'), { flush: false });
    expect(await at.names()).toEqual(['big']);
    expect((await fs.readFile(at.local('big'))).equals(small)).toBe(true);
  });

  it('has a part if the file is larger', async () => {
    const at = await place({ big: bytesOf(MAX_SMALL_BYTES + 1) });
    let names: string[] = [];
    const onProgress = (): void => void (names = nodeFs.readdirSync(at.local('.')));
    await at.connect(options).downloadFile('big', at.local('big'), { flush: false, onProgress });
    expect(names).toHaveLength(2);
    expect(await at.names()).toEqual(['big']);
    expect(at.server.stats().servedRequests).toBe(1);
  });
});

describe('a small download', () => {
  it('makes at most seven direct calls of the file system, and none in a thread', async () => {
    alwaysDirect();
    const at = await place({ big: small });
    const client = at.connect();
    await client.downloadFile('big', at.local('other'), { flush: false });
    const direct = (
      [
        'lstatSync',
        'openSync',
        'writevSync',
        'futimesSync',
        'fchmodSync',
        'closeSync',
        'renameSync',
        'unlinkSync',
      ] as const
    ).map((name) => vi.spyOn(nodeFs, name));
    const threads = (['lstat', 'realpath', 'open', 'rename', 'unlink', 'access'] as const).map((name) =>
      vi.spyOn(fs, name),
    );
    // The directory was swept a moment ago.
    vi.spyOn(fs, 'readdir').mockResolvedValue([]);
    await client.downloadFile('big', at.local('big'), { flush: false });
    const calls = direct
      .flatMap((spy) => spy.mock.calls)
      .filter(([first]) => !isOfServer(first, at.remote('.')));
    expect(calls.length).toBeLessThanOrEqual(7);
    expect(
      threads
        .flatMap((spy) => spy.mock.calls)
        .flat()
        .filter((given) => isOfClient(given, at.local('.'))),
    ).toEqual([]);
  });

  it('makes no direct call with fileCalls: threads', async () => {
    const at = await place({ big: small });
    const realPathOf = vi.spyOn(directCalls, 'realPathOf');
    const write = vi.spyOn(directCalls, 'write');
    const client = at.connect({ fileCalls: 'threads' });
    for (const name of ['one', 'two']) await client.downloadFile('big', at.local(name), { flush: false });
    expect([realPathOf.mock.calls, write.mock.calls]).toEqual([[], []]);
    expect(await at.names()).toEqual(['one', 'two']);
  });

  it('refuses another value of fileCalls', async () => {
    const at = await place({ big: small });
    expect(() => at.connect({ fileCalls: 'sync' as 'auto' })).toThrow(TypeError);
  });

  it('flushes the file and its name by default', async () => {
    alwaysDirect();
    const at = await place({ big: small });
    const sync = vi.spyOn(await fileHandlePrototype(), 'sync');
    await at.connect().downloadFile('big', at.local('big'));
    expect(sync).toHaveBeenCalledTimes(process.platform === 'win32' ? 1 : 2);
    expect(await at.names()).toEqual(['big']);
  });

  it('uses threads while recent direct calls were slow', async () => {
    vi.spyOn(directCalls, 'realPathOf').mockImplementation((directory) => nodeFs.realpathSync(directory));
    vi.spyOn(directCalls, 'write').mockReturnValue(false);
    const at = await place({ big: small });
    await at.connect().downloadFile('big', at.local('big'), { flush: false });
    expect((await fs.readFile(at.local('big'))).equals(small)).toBe(true);
    expect(await at.names()).toEqual(['big']);
  });
});

function isOfServer(given: unknown, directory: string): boolean {
  return typeof given === 'string' && (given.startsWith(directory) || given.startsWith('/proc/'));
}

function isOfClient(given: unknown, directory: string): boolean {
  return typeof given === 'string' && given.startsWith(directory);
}
