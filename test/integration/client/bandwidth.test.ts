/** The bandwidth of a client, over real sockets. */
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';

const RATE = 200_000;
const BYTES = 300_000;

/** What may be caught up, and the last piece, which is not waited for. */
const SLACK_BYTES = 60_000;

describe('the bandwidth of a client', () => {
  it.each(['upload', 'download'] as const)(
    'limits its %ss, of all connections together',
    async (direction) => {
      const server = await new FileServer({ storage: new MemoryStorage() }).listen();
      const fast = new FileClient({ port: server.port });
      const slow = new FileClient({ port: server.port, bandwidth: { [direction]: RATE } });
      const [writer, reader] = direction === 'upload' ? [slow, fast] : [fast, slow];
      const startedAt = performance.now();
      await writer.writeFile('a', Buffer.alloc(BYTES));
      expect(await reader.readFile('a')).toHaveLength(BYTES);
      const leastMs = ((BYTES - SLACK_BYTES) / RATE) * 1_000;
      expect(performance.now() - startedAt).toBeGreaterThan(leastMs);
      await Promise.all([fast.close(), slow.close()]);
      await server.close();
    },
  );

  it.each([
    [{ bandwidth: { upload: 999 } }],
    [{ bandwidth: { download: 1.5 } }],
    [{ bandwidth: { both: 1_000 } as object }],
    [{ bandwidth: { upload: 1_000 }, transport: 'udp' as const }],
  ])('refuses %j', (options) => {
    expect(() => new FileClient(options)).toThrow(TypeError);
  });
});
