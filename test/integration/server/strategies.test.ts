/** When a server serves what: the strategies over real connections. */
import { describe, expect, it } from 'vitest';
import {
  MemoryStorage,
  type RequestSummary,
  type ServerRequest,
  type ServerStrategy,
} from '../../../src/index.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

describe('a strategy', () => {
  it('blocking serves one request at a time, in order of arrival over all connections, and answers pings meanwhile', async () => {
    const { server, connect: connectClient } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
    });
    const [first, second] = [connectClient(), connectClient()];
    await Promise.all([first.connect(), second.connect()]);
    const order: string[] = [];
    server.on('requestEnd', (report: RequestSummary) => order.push(report.path ?? ''));

    const held = first.upload('held');
    await new Promise((resolve) => held.write('x', resolve));
    await until(() => server.stats().activeRequests === 1);
    const waiting = second.writeFile('second', 'y');
    await until(() => server.stats().queuedRequests === 1);
    const third = first.writeFile('third', 'z');
    await until(() => server.stats().queuedRequests === 2);
    expect(await first.ping()).toBeGreaterThanOrEqual(0);
    expect(await second.ping()).toBeGreaterThanOrEqual(0);
    expect(order).toEqual([]);

    held.end();
    await Promise.all([waiting, third]);
    expect(order).toEqual(['held', 'second', 'third']);
  });

  it('blocking continues when the client of the current request disconnects, and when a queued request is cancelled', async () => {
    const { server, connect: connectClient } = await serve({
      storage: new MemoryStorage(),
      strategy: 'blocking',
    });
    const [first, second] = [connectClient(), connectClient()];
    const held = first.upload('held');
    held.on('error', () => undefined);
    await new Promise((resolve) => held.write('x', resolve));
    await until(() => server.stats().activeRequests === 1);
    const controller = new AbortController();
    const cancelled = second.stat('x', { signal: controller.signal });
    const next = second.writeFile('next', 'y');
    await until(() => server.stats().queuedRequests === 2);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELED' });
    await until(() => server.stats().queuedRequests === 1);
    first.destroy();
    expect(await next).toMatchObject({ path: 'next', size: 1 });
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0, failedRequests: 2 });
  });

  it('non-blocking serves a client while another holds its request open', async () => {
    const { connect: connectClient } = await serve({
      storage: new MemoryStorage(),
      strategy: 'non-blocking',
    });
    const [first, second] = [connectClient(), connectClient()];
    const held = first.upload('held');
    held.write('x');
    await second.writeFile('other', 'y');
    await first.writeFile('third', 'z');
    held.end('!');
    expect((await held.completed).size).toBe(2);
  });

  it('refuses requests beyond the queue with EAGAIN', async () => {
    const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
    const { server, connect: connectClient } = await serve({ storage: new MemoryStorage(), limits });
    const client = connectClient();
    const held = client.upload('held');
    held.write('x');
    await until(() => server.stats().activeRequests === 1);
    const [queued, refused] = [client.exists('a'), client.exists('b')];
    await expect(refused).rejects.toMatchObject({ code: 'EAGAIN', retryable: true });
    held.end();
    expect(await queued).toBe(false);
  });

  it('may be a user-defined object; one that throws fails the request, not the server', async () => {
    class Picky implements ServerStrategy {
      readonly name = 'picky';
      submit(request: ServerRequest): void {
        if (request.operation === 'mkdir') throw new Error('no directories');
        void request.run();
      }
    }
    const { connect: connectClient } = await serve({ storage: new MemoryStorage(), strategy: new Picky() });
    const client = connectClient();
    await expect(client.mkdir('x')).rejects.toMatchObject({ code: 'EIO' });
    expect(await client.exists('x')).toBe(false);
  });
});
