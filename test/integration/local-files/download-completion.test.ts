/** When a download into a local file is over: not before its last byte is written, and once it has its name. */
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  asUnprivilegedUser,
  bytes,
  fileHandlePrototype,
  finishedDownload,
  PART,
  place,
  SIZE,
  systemError,
} from '../../support/local-files/local-place.js';
import { turns } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';
import type { Progress } from '../../../src/index.js';

describe('downloadFile', () => {
  describe('with a pending write', () => {
    const small = bytes.subarray(0, 1_500_000);

    /** Lets something happen before each piece is written. */
    async function beforeWrites(happens: () => Promise<void> | void): Promise<void> {
      const prototype = await fileHandlePrototype();
      const write = Reflect.get(prototype, 'writev') as (...args: unknown[]) => Promise<never>;
      vi.spyOn(prototype, 'writev').mockImplementation(async function (this: FileHandle, ...args) {
        await happens();
        return Reflect.apply(write, this, args);
      });
    }

    it('fails with ECANCELED after its signal, however small the file is', async () => {
      const at = await place({ big: small });
      const controller = new AbortController();
      const { signal } = controller;
      // All that is to come has been sent when the first piece is written.
      await beforeWrites(() => until(() => at.server.stats().servedRequests === 1));
      const onProgress = ({ bytes: now }: Progress): void => {
        if (now > 0) controller.abort();
      };
      const download = at.connect().downloadFile('big', at.local('big'), { signal, onProgress });
      await expect(download).rejects.toMatchObject({ code: 'ECANCELED' });
      expect(await at.names()).not.toContain('big');
      vi.restoreAllMocks();
      expect((await finishedDownload(at, small)).resumedFrom).toBeGreaterThan(0);
    });

    it('fails with ETIMEDOUT while the last piece is being written', async () => {
      const at = await place({ big: bytes.subarray(0, 1_000) });
      pauseTimeouts();
      await beforeWrites(() => {
        vi.advanceTimersByTime(200);
        // The limit takes effect after the input that has arrived by then.
        return turns(3);
      });
      const download = at.connect().downloadFile('big', at.local('big'), { timeoutMs: 200 });
      await expect(download).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      expect(await at.names()).not.toContain('big');
    });
  });

  it('can be aborted by its signal after the last piece', async () => {
    const at = await place();
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = ({ bytes: now, total }: Progress): void => {
      if (now === total) controller.abort();
    };
    const download = at.connect().downloadFile('big', at.local('big'), { signal, onProgress });
    await expect(download).rejects.toMatchObject({ code: 'ECANCELED' });
    expect((await finishedDownload(at)).resumedFrom).toBe(SIZE);
  });

  it.each([true, false])(
    'succeeds when the file has its name, even if its leftovers cannot be removed (overwrite: %s)',
    async (overwrite) => {
      const at = await place();
      const { unlink } = fs;
      vi.spyOn(fs, 'unlink').mockImplementation(async (name) => {
        if ((await at.names()).includes('big')) throw systemError('EBUSY');
        return unlink(name);
      });
      const download = at.connect().downloadFile('big', at.local('big'), { overwrite });
      await expect(download).resolves.toMatchObject({ size: SIZE });
      expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
      vi.restoreAllMocks();
      // The remaining files do not block another download.
      await fs.appendFile(at.remote('big'), 'more');
      await finishedDownload(at, Buffer.concat([bytes, Buffer.from('more')]));
    },
  );

  describe.skipIf(process.platform === 'win32')('into a directory that is writable but not readable', () => {
    it.each([true, false])('succeeds (overwrite: %s)', async (overwrite) => {
      const at = await place();
      const directory = path.dirname(at.local('big'));
      await asUnprivilegedUser(at, async () => {
        await fs.chmod(directory, 0o300);
        const download = at.connect().downloadFile('big', at.local('big'), { overwrite });
        await expect(download).resolves.toMatchObject({ size: SIZE });
      });
      await fs.chmod(directory, 0o700);
      expect(await at.names()).toEqual(['big']);
    });

    it('flushes the file again under its name, unless the file is unreadable, too', async () => {
      const at = await place();
      const sync = vi.spyOn(await fileHandlePrototype(), 'sync');
      await asUnprivilegedUser(at, async () => {
        await fs.chmod(path.dirname(at.local('big')), 0o300);
        await at.connect().downloadFile('big', at.local('big'));
        expect(sync).toHaveBeenCalledTimes(2);
        await fs.chmod(at.local('big'), 0o200);
        await at.connect().downloadFile('big', at.local('big'));
        expect(sync).toHaveBeenCalledTimes(3);
      });
    });
  });

  it('reports the error that prevents the flush of the directory', async () => {
    const at = await place();
    const open = fs.open.bind(fs);
    vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
      if (args[0] === path.dirname(at.local(PART))) throw systemError('EIO');
      return open(...args);
    });
    await expect(at.connect().downloadFile('big', at.local('big'))).rejects.toMatchObject({ code: 'EIO' });
  });
});
