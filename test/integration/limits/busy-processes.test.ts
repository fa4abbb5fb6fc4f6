/** A process that computes for longer than a time limit: its peer is not held responsible. */
import { describe, expect, it } from 'vitest';
import { FileClient, MemoryStorage, type FileClientOptions } from '../../../src/index.js';
import { clientThread, compute, serverThread } from '../../support/servers/peer-thread.js';
import { serve } from '../../support/servers/serve.js';
import { turns } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { onTestFinished } from 'vitest';

const LIMIT_MS = 400;
const BUSY_MS = 3 * LIMIT_MS;

async function clientOf(options: FileClientOptions): Promise<FileClient> {
  const port = await serverThread();
  const client = new FileClient({ port, codec: 'text', reconnect: false, ...options });
  onTestFinished(() => client.destroy());
  return client;
}

describe('a client whose process is busy', () => {
  it('while it connects is connected all the same', async () => {
    const client = await clientOf({ timeouts: { connectMs: LIMIT_MS } });
    const connected = client.connect();
    await turns(1);
    compute(BUSY_MS);
    await connected;
    expect(client.state.status).toBe('connected');
  });

  it.each([
    ['responseMs', { timeouts: { responseMs: LIMIT_MS } }, () => ({})],
    ['timeoutMs', {}, () => ({ timeoutMs: LIMIT_MS })],
    ['a signal with a timeout', {}, () => ({ signal: AbortSignal.timeout(LIMIT_MS) })],
  ])('gets an answer that arrives meanwhile, in spite of %s', async (_what, options, callOptions) => {
    const client = await clientOf(options);
    await client.connect();
    const stat = client.stat('file', callOptions());
    await turns(3);
    compute(BUSY_MS);
    expect(await stat).toMatchObject({ path: 'file', size: 1 });
  });

  it.each([
    ['responseMs', { timeouts: { responseMs: LIMIT_MS } }, () => ({})],
    ['timeoutMs', {}, () => ({ timeoutMs: LIMIT_MS })],
    ['a signal with a timeout', {}, () => ({ signal: AbortSignal.timeout(LIMIT_MS) })],
  ])('notices by %s that there is no answer', async (_what, options, callOptions) => {
    const client = await clientOf(options);
    await client.connect();
    const stat = client.stat('other', callOptions());
    await turns(3);
    compute(BUSY_MS);
    await expect(stat).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('again and again keeps its connection', async () => {
    const client = await clientOf({ keepAlive: { intervalMs: LIMIT_MS / 4, timeoutMs: LIMIT_MS } });
    await client.connect();
    for (let round = 0; round < 4; round += 1) {
      compute(BUSY_MS / 2);
      await client.ping();
    }
    expect(client.state.status).toBe('connected');
  });
});

describe('a server whose process is busy', () => {
  it('welcomes a client that has said hello meanwhile', async () => {
    const { server, port } = await serve({
      storage: new MemoryStorage(),
      timeouts: { handshakeMs: LIMIT_MS },
    });
    const { lines } = clientThread(port);
    await new Promise((resolve) => server.once('connection', resolve));
    compute(BUSY_MS);
    await until(() => lines.length > 0);
    expect(lines[0]).toMatch(/^welcome /);
  });

  it('keeps clients that have answered its pings meanwhile', async () => {
    const { port } = await serve({
      storage: new MemoryStorage(),
      keepAlive: { intervalMs: LIMIT_MS / 4, timeoutMs: LIMIT_MS },
    });
    const { lines, write } = clientThread(port);
    await until(() => lines.length > 0);
    for (let round = 0; round < 4; round += 1) {
      await turns(3);
      compute(BUSY_MS);
    }
    write({ text: 'open id=1 op=stat\n' });
    await until(() => lines.length > 1);
    expect(lines[1]).toMatch(/^result id=1 /);
  });

  it('stores an upload whose bytes have arrived meanwhile', async () => {
    const { server, port } = await serve({
      storage: new MemoryStorage(),
      timeouts: { stallMs: LIMIT_MS },
      limits: { minBytesPerSecond: 100 },
    });
    const { lines, write } = clientThread(port);
    await until(() => lines.length > 0);
    write({ text: 'open id=1 op=upload path=a checksum=none\n' });
    await until(() => server.stats().activeRequests === 1 && lines.length > 1);
    write({ text: `data id=1 length=50\n${'x'.repeat(50)}\n`, everyMs: LIMIT_MS / 4, times: 20 });
    for (let round = 0; round < 4; round += 1) {
      await turns(3);
      compute(BUSY_MS);
    }
    await until(() => server.stats().bytesReceived > 20 * 50);
    write({ text: 'end id=1 size=1000\n' });
    await until(() => lines.some((line) => /^(result|error)/.test(line)));
    expect(lines.at(-1)).toMatch(/^result id=1 .*size=1000 /);
  });
});
