/** Both ends have more to say than either takes. */
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer } from '../../../src/index.js';
import { narrowPair, storageWith } from '../../support/servers/unfriendly.js';

describe('ends with many requests and answers do not block each other', () => {
  it.each([
    { name: 'default limits, long paths', limits: {}, workers: 64, length: 4_000 },
    {
      name: 'many channels, paths of 500 bytes',
      limits: { maxChannels: 8_192, maxQueuedRequests: 100_000 },
      workers: 3_000,
      length: 500,
    },
  ])('$name', async ({ limits, workers, length }) => {
    const storage = storageWith({
      stat: (path) =>
        Promise.resolve({ path, kind: 'file', size: 1, mtime: new Date(), etag: 'e'.repeat(100) }),
    });
    const server = new FileServer({ storage, limits });
    const [near, far] = narrowPair(16_384);
    server.accept(far);
    const keepAlive = { intervalMs: 500, timeoutMs: 2_000 };
    const client = new FileClient({ codec: 'text', connect: () => near, keepAlive });
    await client.connect();
    const name = Array.from({ length: Math.floor(length / 250) }, () => ' '.repeat(240) + 'x').join('/');
    let asked = 0;
    const worker = async (): Promise<void> => {
      while (asked < workers * 3) await client.stat(`${name}/${++asked}`);
    };
    await Promise.all(Array.from({ length: workers }, worker));
    client.destroy();
    server.destroy();
    expect(asked).toBeGreaterThanOrEqual(workers * 3);
  });
});
