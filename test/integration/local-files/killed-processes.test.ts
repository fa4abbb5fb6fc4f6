/** Transfers of local files by processes that are killed, and others that resume them. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  finishedDownload,
  NOTE,
  PART,
  place,
  SIZE,
  type Place,
} from '../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { runJob, TransferProcess, type TransferJob } from '../../support/local-files/transfer-job.js';

/** Lets a process of its own begin to download `big`, which is killed when it has so many bytes. */
async function killedDownload(at: Place, atBytes = 2_000_000): Promise<number> {
  const word = await runJob({ ...downloadOf(at), signal: { name: 'SIGKILL', atBytes } });
  expect(word.atBytes).toBeGreaterThanOrEqual(atBytes);
  expect(await at.names()).toEqual([NOTE, PART]);
  return (await fs.stat(at.local(PART))).size;
}

function downloadOf(at: Place, name = 'big'): TransferJob {
  return { kind: 'download', port: at.port, path: 'big', localPath: at.local(name) };
}

describe('downloadFile', () => {
  it.each([1, 2_000_000, SIZE - 1, SIZE])(
    'resumes after a kill -9 of its process at %i bytes',
    async (atBytes) => {
      const at = await place();
      const atHand = await killedDownload(at, atBytes);
      const before = at.sent();
      const { resumedFrom } = await finishedDownload(at);
      expect(resumedFrom).toBe(atHand);
      expect(at.sent() - before).toBeLessThan(SIZE - atHand + 10_000);
    },
  );

  it('resumes after several kills, and the calls together send the file about once', async () => {
    const at = await place();
    for (const atBytes of [1_000_000, 3_000_000, 5_000_000]) await killedDownload(at, atBytes);
    const { resumedFrom } = await finishedDownload(at);
    expect(resumedFrom).toBeGreaterThanOrEqual(5_000_000);
    // Bytes in flight when a process was killed: a window at most.
    expect(at.sent()).toBeLessThan(SIZE + 3 * 2_500_000);
  });

  it('resumes with a name of the maximum length', async () => {
    const at = await place();
    const name = 'n'.repeat(255);
    const job = downloadOf(at, name);
    await runJob({ ...job, signal: { name: 'SIGKILL', atBytes: 1_000_000 } });
    const { resumedFrom } = await at.connect().downloadFile('big', at.local(name));
    expect(resumedFrom).toBeGreaterThanOrEqual(1_000_000);
    expect(await at.names()).toEqual([name]);
  });

  it.skipIf(process.platform === 'win32')(
    'is EBUSY while another process has it, and free after that process is killed',
    async () => {
      const at = await place();
      const other = new TransferProcess({
        ...downloadOf(at),
        signal: { name: 'SIGSTOP', atBytes: 1_000_000 },
      });
      expect((await other.word).atBytes).toBeGreaterThanOrEqual(1_000_000);
      const part = await fs.readFile(at.local(PART));
      const link = path.join(await temporaryDirectory(), 'link');
      await fs.symlink(path.dirname(at.local('big')), link);
      for (const localPath of [at.local('big'), path.join(link, 'big')]) {
        const download = at.connect().downloadFile('big', localPath);
        await expect(download).rejects.toMatchObject({ code: 'EBUSY' });
      }
      expect((await fs.readFile(at.local(PART))).equals(part)).toBe(true);
      await other.kill();
      expect((await finishedDownload(at)).resumedFrom).toBe(part.length);
    },
  );

  it('resumes in one process at a time', async () => {
    const at = await place();
    const atHand = await killedDownload(at);
    const words = await Promise.all(Array.from({ length: 3 }, () => runJob(downloadOf(at))));
    // A call that starts when another one has ended restarts the download.
    const wellDone = words.filter(({ code }) => code !== 'EBUSY');
    expect(wellDone.map(({ size }) => size)).toEqual(wellDone.map(() => SIZE));
    expect(wellDone.filter(({ resumedFrom }) => resumedFrom === atHand)).toHaveLength(1);
    expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
    expect(await at.names()).toEqual(['big']);
  });
});

/** Lets a process of its own begin to upload `source` as `big`, which is killed when it has sent so many bytes. */
async function killedUpload(at: Place, atBytes = 2_000_000): Promise<void> {
  const word = await runJob({ ...uploadOf(at), signal: { name: 'SIGKILL', atBytes } });
  expect(word.atBytes).toBeGreaterThanOrEqual(atBytes);
  // Its server has seen that it is gone.
  await until(() => at.server.stats().connections === 0);
}

function uploadOf(at: Place): TransferJob {
  return { kind: 'upload', port: at.port, path: 'big', localPath: at.local('source') };
}

async function placeOfSource(): Promise<Place> {
  const at = await place({});
  await fs.writeFile(at.local('source'), bytes);
  return at;
}

describe('uploadFile', () => {
  it.each([1_000_000, 4_000_000, SIZE])(
    'resumes after a kill -9 of its process at %i bytes',
    async (atBytes) => {
      const at = await placeOfSource();
      await killedUpload(at, atBytes);
      const before = at.received();
      const { resumedFrom } = await at.connect().uploadFile(at.local('source'), 'big');
      // Bytes that had arrived and were not stored yet, a window at most, are sent again.
      expect(resumedFrom).toBeGreaterThan(before - DEFAULT_WINDOW_BYTES - 100_000);
      expect(at.received() - before).toBeLessThan(SIZE - resumedFrom + 10_000);
      expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
      expect(await at.names()).toEqual(['source']);
    },
  );

  it('resumes after several kills, in any process', async () => {
    const at = await placeOfSource();
    for (const atBytes of [1_000_000, 3_000_000, 5_000_000]) await killedUpload(at, atBytes);
    const word = await runJob(uploadOf(at));
    expect(word.size).toBe(SIZE);
    expect(word.resumedFrom).toBeGreaterThan(2_000_000);
    expect(at.received()).toBeLessThan(SIZE + 3 * (DEFAULT_WINDOW_BYTES + 100_000));
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
  });

  it('restarts when the source has changed, even if only in its time', async () => {
    const at = await placeOfSource();
    await killedUpload(at, 4_000_000);
    await fs.utimes(at.local('source'), new Date(), new Date());
    const { resumedFrom } = await at.connect().uploadFile(at.local('source'), 'big');
    expect(resumedFrom).toBe(0);
    expect((await fs.readFile(at.remote('big'))).equals(bytes)).toBe(true);
  });
});
