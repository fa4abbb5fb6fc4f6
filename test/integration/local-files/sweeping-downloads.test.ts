/** The sweep of a directory locks parts for a moment; downloads of their targets wait for it. */
import fs from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { lockFile } from '../../../src/client/local/partial-download/lock-file.js';
import { partNamesOf, pathsOf } from '../../../src/client/local/partial-download/part-names.js';
import { finishedDownload, NOTE, PART, place } from '../../support/local-files/local-place.js';
import { settledOr, telling } from '../../support/servers/telling.js';
import { until } from '../../support/until.js';

/** A note as a killed process leaves it, of a part that is in place. */
const NOTE_TEXT = JSON.stringify({
  version: 1,
  path: 'big',
  etag: 'x',
  size: 1,
  mtime: 1,
  checksum: 'crc32',
});

/** Counts how often the status of a file was asked for. */
function lstatsOf(file: string): () => number {
  const lstat = vi.spyOn(fs, 'lstat');
  return () => lstat.mock.calls.filter(([name]) => name === file).length;
}

describe('downloadFile', () => {
  it('does not fail because another call sweeps the directory', async () => {
    const at = await place({ big: bytesOf(1_000) });
    const client = at.connect();
    const directory = await fs.realpath(at.local('.'));
    const targets = Array.from({ length: 30 }, (_, index) => `target-${index}`);
    for (const name of targets) {
      await fs.writeFile(pathsOf(directory, partNamesOf(directory, name, 0)).note, NOTE_TEXT);
    }
    await Promise.all(targets.toReversed().map((name) => client.downloadFile('big', at.local(name))));
    expect(await at.names()).toEqual(targets.toSorted());
  });

  it('waits for the sweep of its part in this process, however long that takes', async () => {
    const at = await place();
    await fs.writeFile(at.local(NOTE), NOTE_TEXT);
    const unlink = fs.unlink.bind(fs);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let sweeps = false;
    let turnsLeft = 100;
    vi.spyOn(fs, 'unlink').mockImplementationOnce(async (name) => {
      sweeps = true;
      await gate;
      return unlink(name);
    });
    const other = at.connect().downloadFile('big', at.local('other'));
    await until(() => sweeps);
    const lstats = lstatsOf(at.local(PART));
    const download = at.connect().downloadFile('big', at.local('big'));
    await settledOr(download, () => lstats() > 0 && turnsLeft-- === 0);
    go();
    await Promise.all([download, other]);
    expect(await at.names()).toEqual(['big', 'other']);
  });

  it.skipIf(process.platform !== 'linux')('waits a little for a sweep in another process', async () => {
    const at = await place();
    await fs.writeFile(at.local(PART), '');
    const unlock = await lockFile(await fs.stat(at.local(PART), { bigint: true }));
    const lstats = lstatsOf(at.local(PART));
    const download = finishedDownload(at);
    // One before it is locked, one after that, and so again.
    await settledOr(download, () => lstats() >= 4);
    await unlock();
    expect((await download).resumedFrom).toBe(0);
  });

  it.skipIf(process.platform !== 'linux')('is EBUSY if another process keeps an empty part', async () => {
    const at = await place();
    await fs.writeFile(at.local(PART), '');
    const unlock = await lockFile(await fs.stat(at.local(PART), { bigint: true }));
    const download = at.connect().downloadFile('big', at.local('big'));
    await expect(download).rejects.toMatchObject({ code: 'EBUSY' });
    await unlock();
    await finishedDownload(at);
  });

  it('is EBUSY at once for a part that another call of this process has, also if it is empty', async () => {
    const at = await place();
    const opens: string[] = [];
    const { port } = await telling(({ line }) => {
      if (line.startsWith('open')) opens.push(line);
    });
    const controller = new AbortController();
    const silent = at
      .connect({ port, codec: 'text' })
      .downloadFile('big', at.local('big'), { signal: controller.signal });
    silent.catch(() => undefined);
    await until(() => opens.length > 0);
    const lstats = lstatsOf(at.local(PART));
    const second = at.connect().downloadFile('big', at.local('big'));
    await expect(second).rejects.toMatchObject({ code: 'EBUSY' });
    // One each by the sweep, before the lock, and after it: no second attempt.
    expect(lstats()).toBeLessThanOrEqual(3);
    controller.abort();
    await expect(silent).rejects.toMatchObject({ code: 'ECANCELED' });
    await finishedDownload(at);
  });
});
