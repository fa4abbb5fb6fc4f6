/** Partial files of earlier or parallel calls: resumed, kept or removed, and never mixed. */
import fs, { type FileHandle } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import {
  asUnprivilegedUser,
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
import { settledOr, telling } from '../../support/servers/telling.js';
import { until } from '../../support/until.js';
import type { Progress } from '../../../src/index.js';

describe('downloadFile', () => {
  it('leaves nothing of an older version behind a newer one when another call used the partial file first', async () => {
    const at = await place();
    const prototype = await fileHandlePrototype();
    const stat = Reflect.get(prototype, 'stat') as (...args: unknown[]) => Promise<never>;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let stopped = false;
    vi.spyOn(prototype, 'stat').mockImplementationOnce(async function (this: FileHandle, ...args) {
      const stats = await Reflect.apply(stat, this, args);
      // As if the process were stopped here.
      stopped = true;
      await gate;
      return stats;
    });
    const slow = at.connect().downloadFile('big', at.local('big'));
    slow.catch(() => undefined);
    await until(() => stopped);
    await cancelledDownload(at);
    const small = bytesOf(300_000, 7);
    await fs.writeFile(at.remote('big'), small);
    go();
    expect((await slow).size).toBe(small.length);
    expect((await fs.readFile(at.local('big'))).equals(small)).toBe(true);
  });

  it('leaves nothing behind the last byte, even if another program wrote there', async () => {
    const at = await place();
    let longer: Promise<void> | undefined;
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 0) longer ??= fs.truncate(at.local(PART), SIZE + 1_000);
    };
    await at.connect().downloadFile('big', at.local('big'), { onProgress });
    await longer;
    expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
  });

  it('fails when it cannot remove a partial file that it cannot resume', async () => {
    const at = await place();
    await cancelledDownload(at);
    await fs.writeFile(at.local(NOTE), '{"version":0}');
    let removals = 0;
    vi.spyOn(fs, 'unlink').mockImplementation(async () => {
      removals += 1;
      throw systemError('EACCES');
    });
    const controller = new AbortController();
    const download = at.connect().downloadFile('big', at.local('big'), { signal: controller.signal });
    download.catch(() => undefined);
    await settledOr(download, () => removals > 100);
    controller.abort();
    await expect(download).rejects.toMatchObject({ code: 'EACCES' });
    await expect(download).rejects.toThrow(at.local('big'));
  });

  it('is EBUSY when a partial file that it cannot resume was renamed, and does not change that file', async () => {
    const at = await place();
    await cancelledDownload(at);
    const before = await fs.readFile(at.local(PART));
    await fs.writeFile(at.local(NOTE), '{"version":0}');
    const { unlink } = fs;
    vi.spyOn(fs, 'unlink').mockImplementationOnce(async (name) => {
      await fs.rename(at.local(PART), at.local('elsewhere'));
      return unlink(name);
    });
    const download = at.connect().downloadFile('big', at.local('big'));
    await expect(download).rejects.toMatchObject({ code: 'EBUSY' });
    expect(await at.names()).toEqual(['elsewhere']);
    expect((await fs.readFile(at.local('elsewhere'))).equals(before)).toBe(true);
  });

  it('keeps its partial file when the answer does not come from a file server', async () => {
    const at = await place();
    await cancelledDownload(at);
    const { port } = await telling(() => undefined, 'HTTP/1.1 503 Service Unavailable\r\n\r\n');
    const download = at.connect({ port }).downloadFile('big', at.local('big'));
    await expect(download).rejects.toMatchObject({ code: 'EPROTO' });
    expect(await at.names()).toEqual([NOTE, PART]);
    expect((await finishedDownload(at)).resumedFrom).toBeGreaterThanOrEqual(1_000_000);
  });

  describe.skipIf(process.platform === 'win32')('to a file that its owner may not write or read', () => {
    it.each(['444', '200', '000'])('resumes its partial file, and keeps the mode %s', async (digits) => {
      const mode = Number.parseInt(digits, 8);
      const at = await place();
      await asUnprivilegedUser(at, async () => {
        await fs.writeFile(at.local('big'), 'older');
        await fs.chmod(at.local('big'), mode);
        await cancelledDownload(at);
        const { size, resumedFrom } = await at.connect().downloadFile('big', at.local('big'));
        expect(size).toBe(SIZE);
        expect(resumedFrom).toBeGreaterThanOrEqual(1_000_000);
      });
      expect((await fs.stat(at.local('big'))).mode & 0o777).toBe(mode);
    });

    it('resumes a partial file with these permissions after the rename failed', async () => {
      const at = await place();
      await asUnprivilegedUser(at, async () => {
        await fs.writeFile(at.local('big'), 'older');
        await fs.chmod(at.local('big'), 0o444);
        const rename = vi.spyOn(fs, 'rename').mockRejectedValue(systemError('EBUSY'));
        const download = at.connect().downloadFile('big', at.local('big'));
        await expect(download).rejects.toMatchObject({ code: 'EBUSY' });
        rename.mockRestore();
        expect((await finishedDownload(at)).resumedFrom).toBe(SIZE);
      });
      expect((await fs.stat(at.local('big'))).mode & 0o777).toBe(0o444);
    });
  });
});
