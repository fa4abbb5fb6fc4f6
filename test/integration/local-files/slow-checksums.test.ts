/** Hashing existing bytes takes time, which does not count as a stall of the server. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { turns } from '../../support/servers/unfriendly.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';
import type { Progress } from '../../../src/index.js';

describe('downloadFile', () => {
  it('succeeds although the server hashes for longer than the client waits', async () => {
    const root = await temporaryDirectory();
    const local = path.join(await temporaryDirectory(), 'file');
    const content = bytesOf(6_000_000);
    await fs.writeFile(path.join(root, 'file'), content);
    const calls: FileCalls = {
      ...fileCalls,
      read: async (fd, target, position) => {
        await turns(5);
        vi.advanceTimersByTime(25);
        return fileCalls.read(fd, target, position);
      },
    };
    const { connect } = await serve({ root });
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now >= 5_000_000) controller.abort();
    };
    await expect(connect().downloadFile('file', local, { signal, onProgress })).rejects.toMatchObject({
      code: 'ECANCELED',
    });
    // Twenty reads of 256 KiB in half a second: as 45 GB of a disk that reads 150 MB in a second, and 300 seconds.
    pauseTimeouts();
    const slow = await serve({ storage: new DirectoryStorage(root, {}, { calls }) });
    const since = performance.now();
    await slow.connect({ timeouts: { responseMs: 200 } }).downloadFile('file', local);
    expect(performance.now() - since).toBeGreaterThan(500);
    expect((await fs.readFile(local)).equals(content)).toBe(true);
  });
});
