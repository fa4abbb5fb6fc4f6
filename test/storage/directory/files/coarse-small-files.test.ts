/** Small files that are written at once on a file system whose times do not distinguish the versions of a file. */
import fs from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { syncCalls } from '../../../../src/storage/directory/calls/sync-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { at, makePlace } from '../directory-fixture.js';

const SECOND_NS = 1_000_000_000n;

afterEach(() => vi.restoreAllMocks());

/** Gives the stats of open files, by synchronous calls, times in whole seconds. */
function coarsen(): void {
  const stat = fs.fstatSync;
  vi.spyOn(fs, 'fstatSync').mockImplementation((fd) => {
    const stats = stat(fd, { bigint: true });
    stats.ctimeNs -= stats.ctimeNs % SECOND_NS;
    stats.ctimeMs = stats.ctimeNs / 1_000_000n;
    return stats;
  });
}

it.runIf(process.platform === 'linux')(
  'many small files that are stored in one tick have strong etags, also where times are coarse',
  async () => {
    const { root } = await makePlace();
    fs.mkdirSync(`${root}/folder`);
    const calls = syncCalls(fileCalls, { isLocal: () => true });
    const storage = new DirectoryStorage(root, { flush: false }, { calls });
    await storage.writeFile(at('first'), [Buffer.from('x')], { overwrite: true });
    coarsen();
    const entries = await Promise.all(
      Array.from({ length: 200 }, async (_, index) =>
        storage.writeFile(at(`folder/${index}`), [Buffer.from(`${index}`)], { overwrite: true }),
      ),
    );
    expect(entries.map(({ etag }) => etag).filter((etag) => etag?.startsWith('W/'))).toEqual([]);
    expect(new Set(entries.map(({ etag }) => etag)).size).toBe(200);
  },
);
