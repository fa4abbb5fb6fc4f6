/** Summing up what is there takes time: nobody takes a server that does so for one that does not get on. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../src/storage/directory/file-calls.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory } from '../../support/serve.js';

describe('downloadFile', () => {
  it('comes to its end although the server sums up for longer than the client waits', async () => {
    const root = await temporaryDirectory();
    const local = path.join(await temporaryDirectory(), 'file');
    const content = bytesOf(6_000_000);
    await fs.writeFile(path.join(root, 'file'), content);
    let delayMs = 0;
    const calls: FileCalls = {
      ...fileCalls,
      read: async (fd, target, position) => {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        return fileCalls.read(fd, target, position);
      },
    };
    const { connect } = await serve({ storage: new DirectoryStorage(root, {}, { calls }) });
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (now: number): void => {
      if (now >= 5_000_000) controller.abort();
    };
    await expect(connect().downloadFile('file', local, { signal, onProgress })).rejects.toMatchObject({
      code: 'ECANCELED',
    });
    // Twenty reads of 256 KiB in half a second: as 45 GB of a disk that reads 150 MB in a second, and 300 seconds.
    delayMs = 25;
    const outcomes: string[] = [];
    for (let attempt = 1; attempt <= 3 && !outcomes.includes('stored'); attempt++) {
      outcomes.push(
        await connect({ timeouts: { answerMs: 200 } })
          .downloadFile('file', local)
          .then(
            () => 'stored',
            (error: unknown) => String(error),
          ),
      );
    }
    expect(outcomes).toContain('stored');
    expect((await fs.readFile(local)).equals(content)).toBe(true);
  });
});
