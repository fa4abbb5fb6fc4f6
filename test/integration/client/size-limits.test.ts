/** Files that Node cannot hold in memory. No test has their bytes: the storage or the server only says so. */
import { constants } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, type FileClient, type StoredFile } from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';

/** A client of a server whose every file has this size, and whose bytes never come. */
async function clientOfSize(size: number): Promise<{ client: FileClient; isIdle: () => boolean }> {
  let open = 0;
  const { connect, server } = await serve({
    storage: storageWith({
      async read(path): Promise<StoredFile> {
        open++;
        return {
          entry: { path, kind: 'file', size, mtime: new Date(0), etag: 'v1' },
          read: (target) => Promise.resolve(target.length),
          etag: () => Promise.resolve('v1'),
          close: () => {
            open--;
            return Promise.resolve();
          },
        };
      },
    }),
  });
  return { client: connect(), isIdle: () => open === 0 && server.stats().activeRequests === 0 };
}

const { MAX_LENGTH, MAX_STRING_LENGTH } = constants;

/** Node.js 20 has a limit for a Buffer; since Node.js 22 every size that a file can have is allowed. */
const tooLargeForBuffer =
  MAX_LENGTH < Number.MAX_SAFE_INTEGER ? ([['a Buffer', undefined, MAX_LENGTH + 1]] as const) : [];

describe('readFile of a file that is too large', () => {
  it.each([
    ...tooLargeForBuffer,
    ['a string', 'utf8', MAX_STRING_LENGTH + 1],
    ['a string of bytes', 'latin1', MAX_STRING_LENGTH + 1],
    ['a string of digits', 'hex', MAX_STRING_LENGTH / 2 + 1],
    ['a string in base64', 'base64', (MAX_STRING_LENGTH * 3) / 4 + 1],
    ['a string of two bytes a character', 'utf16le', MAX_STRING_LENGTH * 2 + 2],
  ] as const)('for %s fails with EFBIG before the first byte', async (_what, encoding, size) => {
    const { client, isIdle } = await clientOfSize(size);
    const progress = vi.fn();
    const read = encoding
      ? client.readFile('a', { encoding, onProgress: progress })
      : client.readFile('a', { onProgress: progress });
    await expect(read).rejects.toMatchObject({ code: 'EFBIG', operation: 'download', path: 'a' });
    expect(progress).not.toHaveBeenCalled();
    await until(isIdle);
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
  });

  it('reads a part of it that is small enough', async () => {
    const { client } = await clientOfSize(Number.MAX_SAFE_INTEGER);
    expect(await client.readFile('a', { offset: 5_000_000_000, length: 10 })).toHaveLength(10);
  });

  it('fails with EFBIG where the memory cannot be allocated', async () => {
    const cause = new RangeError('Array buffer allocation failed');
    const allocate = Buffer.allocUnsafeSlow.bind(Buffer);
    vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((bytes) => {
      if (bytes === 400_000_000) throw cause;
      return allocate(bytes);
    });
    const { client, isIdle } = await clientOfSize(400_000_000);
    await expect(client.readFile('a')).rejects.toMatchObject({ code: 'EFBIG', cause });
    await until(isIdle);
  });

  it('reads a file whose memory is allocated before it arrives', async () => {
    const { client } = await clientOfSize(70_000_000);
    expect((await client.readFile('a')).length).toBe(70_000_000);
  });

  it('reads the bytes of such a file in their places', async () => {
    const bytes = randomFillSync(Buffer.alloc(70_000_000));
    const client = (await serve({ storage: new MemoryStorage({ maxBytes: 80_000_000 }) })).connect();
    await client.writeFile('a', bytes);
    expect((await client.readFile('a')).equals(bytes)).toBe(true);
  });

  it('allocates no memory for bytes that a server only announces', async () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const controller = new AbortController();
    const { client } = await clientOfSize(4_000_000_000);
    const read = client.readFile('a', { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(read).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(allocate.mock.calls.filter(([bytes]) => bytes >= 64 * 1024 * 1024)).toEqual([]);
  });
});

describe('an encoding that Buffer does not know', () => {
  it('is a TypeError before anything is asked', async () => {
    const { client } = await clientOfSize(1);
    await expect(client.readFile('a', 'utf9' as BufferEncoding)).rejects.toThrow(/encoding .* utf9/);
    expect(client.state.status).toBe('disconnected');
  });
});
