/** What killed downloads leave in a directory, and files that are called like it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isPartialDownload } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes,
  cancelledDownload,
  place,
  systemError,
  type Place,
} from '../../support/local-files/local-place.js';
import { repositoryRoot } from '../../support/repository.js';

/** The names in the local directory, as they are. */
async function namesIn(at: Place): Promise<string[]> {
  return (await fs.readdir(at.local('.'))).sort();
}

describe('isPartialDownload', () => {
  it('tells parts and notes from other files', async () => {
    const at = await place();
    await cancelledDownload(at);
    const names = await namesIn(at);
    expect(names).toHaveLength(2);
    expect(names.every(isPartialDownload)).toBe(true);
    for (const name of ['big', '.big', '.big.socket-ftp-part', '.socket-ftp-part', 'big.socket-ftp-note']) {
      expect(isPartialDownload(name)).toBe(false);
    }
  });
});

describe('a remote file that is called like a part', () => {
  const NAMES = ['.film.socket-ftp-part', '.film.socket-ftp-note', '..film.socket-ftp-part.socket-ftp-part'];

  it.each(['one after the other', 'at once'])('is mirrored beside the other file, %s', async (how) => {
    const files = Object.fromEntries([...NAMES, 'film'].map((name, n) => [name, bytesOf(100_000, n)]));
    const at = await place(files);
    const client = at.connect();
    const download = (name: string) => client.downloadFile(name, path.join(at.local('.'), name));
    if (how === 'at once') await Promise.all(Object.keys(files).map(download));
    else for (const name of Object.keys(files)) await download(name);
    expect(await namesIn(at)).toEqual(Object.keys(files).sort());
    for (const [name, data] of Object.entries(files)) {
      expect((await fs.readFile(path.join(at.local('.'), name))).equals(data)).toBe(true);
    }
  });

  it.each([
    ['the part', ['part']],
    ['the note', ['note']],
    ['both', ['part', 'note']],
  ])('stays if it has taken the name of %s of an earlier call', async (_what, kinds) => {
    const at = await place();
    await cancelledDownload(at);
    const taken = (await namesIn(at)).filter((name) => kinds.some((kind) => name.endsWith(kind)));
    const client = at.connect();
    for (const name of taken) {
      await fs.writeFile(at.remote(name), `the content of ${name}`);
      await client.downloadFile(name, path.join(at.local('.'), name));
    }
    await client.downloadFile('big', at.local('big'));
    expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
    expect(await namesIn(at)).toEqual(expect.arrayContaining([...taken, 'big']));
    for (const name of taken) {
      expect(await fs.readFile(path.join(at.local('.'), name), 'utf8')).toBe(`the content of ${name}`);
    }
  });
});

/** Calls of `fs` before and after which a download is stopped. */
const STEPS = ['open', 'writeFile', 'rename', 'link', 'unlink'] as const;

describe.skipIf(process.platform === 'win32')('what a killed download leaves', () => {
  const program = path.join(repositoryRoot, 'test/support/local-files/killed-download.mjs');

  it.each([true, false])(
    'is gone after later calls, with overwrite %s',
    async (overwrite) => {
      const at = await place({ big: bytesOf(300_000), other: bytesOf(10) });
      let kills = 0;
      for (const step of STEPS) {
        for (const when of ['before', 'after']) {
          for (let count = 1; ; count++) {
            await fs.rm(at.local('big'), { force: true });
            const job = JSON.stringify({
              port: at.port,
              localPath: at.local('big'),
              overwrite,
              step,
              when,
              count,
            });
            const child = spawn(process.execPath, [program, job], { stdio: ['ignore', 'ignore', 'inherit'] });
            const [, signal] = (await once(child, 'close')) as [number | null, string | null];
            if (signal !== 'SIGKILL') break;
            kills += 1;
            const isComplete = (await namesIn(at)).includes('big');
            // Another call in the directory is enough if the file is in place; otherwise the same call.
            vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000_000 * kills);
            if (isComplete) await at.connect().downloadFile('other', at.local('other'));
            else await at.connect().downloadFile('big', at.local('big'));
            vi.restoreAllMocks();
            expect((await namesIn(at)).filter((name) => name !== 'other')).toEqual(['big']);
            expect((await fs.readFile(at.local('big'))).equals(bytesOf(300_000))).toBe(true);
          }
        }
      }
      expect(kills).toBeGreaterThanOrEqual(8);
    },
    120_000,
  );

  it('is not removed while another call writes it, nor if it can be resumed', async () => {
    const at = await place({ big: bytes, other: bytesOf(10), slow: bytes });
    await cancelledDownload(at);
    const resumable = await namesIn(at);
    const client = at.connect();
    let during: string[] = [];
    let other: Promise<unknown> | undefined;
    await client.downloadFile('slow', at.local('slow'), {
      onProgress: ({ bytes: now }) => {
        if (now < 1_000_000 || other) return;
        other = at
          .connect()
          .downloadFile('other', at.local('other'))
          .then(async () => (during = await namesIn(at)));
      },
    });
    await other;
    expect(during).toEqual(expect.arrayContaining(resumable));
    expect((await namesIn(at)).sort()).toEqual([...resumable, 'other', 'slow'].sort());
  });

  it('stays if the directory cannot be listed', async () => {
    const at = await place();
    vi.spyOn(fs, 'readdir').mockRejectedValueOnce(systemError('EACCES'));
    await at.connect().downloadFile('big', at.local('big'));
    expect(await namesIn(at)).toEqual(['big']);
  });
});
