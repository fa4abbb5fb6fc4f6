/** When a client connects, reconnects, gives up and disconnects. */
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FileServer, MemoryStorage, type ClientState } from '../../../src/index.js';
import { connectedPair } from '../../../src/testing/index.js';
import { bytesOf } from '../../support/bytes.js';
import { clientAt, closedPort, quick, scripted } from '../../support/servers/scripted.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { uncaughtDuring, WELCOME } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { pauseTimeouts } from '../../support/doubles/virtual-time.js';

describe('a client', () => {
  it('whose first connection attempt fails rejects at once', async () => {
    const client = clientAt(1, { reconnect: { minDelayMs: 600_000, maxDelayMs: 600_000 } });
    await expect(client.stat('a')).rejects.toMatchObject({ code: 'ECONNREFUSED', outcomeUnknown: false });
    expect(client.state).toMatchObject({ status: 'disconnected', error: { code: 'ECONNREFUSED' } });
  });

  it('waits for a server that is not up yet with waitOnFirstConnect', async () => {
    const port = await closedPort();
    const client = clientAt(port, {
      reconnect: { ...quick, maxAttempts: 100_000, waitOnFirstConnect: true },
    });
    const asked = client.exists('a');
    await once(client, 'state');
    await until(() => client.state.status === 'waiting');
    const server = await new FileServer({ storage: new MemoryStorage() }).listen(port);
    onTestFinished(() => server.destroy());
    expect(await asked).toBe(false);
  });

  it('emits its states in order, to the last', async () => {
    await using pair = await connectedPair({ files: { a: 'a' }, client: { reconnect: quick } });
    const { client } = pair;
    const names: string[] = [];
    const told = (async () => {
      for await (const state of client.states()) names.push(state.status);
    })();
    await client.stat('a');
    pair.cut();
    await until(() => client.state.status === 'waiting');
    await until(() => client.state.status === 'connected');
    await client.close();
    await told;
    expect(names).toEqual([
      'disconnected',
      'connecting',
      'connected',
      'waiting',
      'reconnecting',
      'connected',
      'closed',
    ]);
  });

  it('gives up after maxAttempts, fails all waiting requests with the last error, and is reusable', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage() });
    const client = clientAt(port, { reconnect: { ...quick, maxAttempts: 3 } });
    const states: ClientState[] = [];
    client.on('state', (state) => states.push(state));
    await client.stat('/');
    server.destroy();
    await until(() => client.state.status === 'waiting');
    await server.close();
    const failed = [client.stat('/'), client.readFile('a'), client.remove('a')];
    await Promise.allSettled(failed);
    for (const one of failed) await expect(one).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await until(() => client.state.status === 'disconnected');
    expect(states.filter(({ status }) => status === 'reconnecting').length).toBeLessThanOrEqual(3);
    const again = await new FileServer({ storage: new MemoryStorage() }).listen(port);
    onTestFinished(() => again.destroy());
    expect(await client.exists('a')).toBe(false);
  });

  it.each(['EAUTH', 'EPROTO', 'EPROTONOSUPPORT', 'EFLOOD'])('does not reconnect after %s', async (code) => {
    const { port, connections } = await scripted('open ', (_connection, socket) => {
      socket.write(`${WELCOME}error code=${code} message=No.\n`);
      socket.end();
    });
    const client = clientAt(port);
    await expect(client.stat('a')).rejects.toMatchObject({ code });
    await expect(client.readFile('a')).rejects.toMatchObject({ code });
    expect(connections()).toBe(2);
  });

  it('with reconnect false fails its requests with the loss', async () => {
    await using pair = await connectedPair({
      files: { big: bytesOf(4_000_000) },
      wire: { cutAfterBytes: 500_000, direction: 'toClient' },
      client: { reconnect: false },
    });
    await expect(pair.client.readFile('big')).rejects.toMatchObject({ code: 'ECONNRESET', retryable: true });
    expect(pair.server.stats().totalConnections).toBe(1);
  });

  it('on demand closes an unused connection, and opens another for the next request', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage() });
    const client = clientAt(port, { connection: 'on-demand', timeouts: { idleMs: 30 } });
    await client.exists('a');
    expect(client.state.status).toBe('connected');
    await once(client, 'disconnect');
    expect(client.state).toEqual({ status: 'disconnected', error: undefined });
    await client.exists('a');
    expect(server.stats().totalConnections).toBe(2);
    const download = client.download('a');
    download.on('error', () => undefined);
    await once(download, 'error');
    await once(client, 'disconnect');
    await until(() => server.stats().connections === 0);
  });

  it('on demand keeps a connection with a paused transfer', async () => {
    const { port } = await serve({ storage: new MemoryStorage() });
    pauseTimeouts();
    const client = clientAt(port, { connection: 'on-demand', timeouts: { idleMs: 20 } });
    let disconnected = false;
    client.on('disconnect', () => (disconnected = true));
    const upload = client.upload('slow');
    upload.write('x');
    await client.ping();
    vi.advanceTimersByTime(1_000);
    upload.end();
    expect(await upload.completed).toMatchObject({ size: 1 });
    expect(disconnected).toBe(false);
    const closed = once(client, 'disconnect');
    vi.advanceTimersByTime(20);
    await closed;
  });

  it('that waits for its server closes at once, and fails its waiting requests', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage() });
    const client = clientAt(port, { reconnect: { minDelayMs: 600_000, maxDelayMs: 600_000 } });
    await client.exists('a');
    server.destroy();
    await until(() => client.state.status === 'waiting');
    const asked = expect(client.stat('a')).rejects.toMatchObject({ code: 'ESHUTDOWN', retryable: false });
    await client.close({ graceMs: 600_000 });
    await asked;
    expect(client.state).toEqual({ status: 'closed' });
  });
});

describe('a listener that throws', () => {
  it('causes an uncaught exception, while the connection and its requests continue', async () => {
    const { port } = await serveFiles({ a: 'a' });
    const client = clientAt(port);
    const broken = (): never => {
      throw new Error('broken listener');
    };
    client.on('connect', broken).on('state', broken);
    let text = '';
    const caught = await uncaughtDuring(async () => {
      text = await client.readFile('a', 'utf8');
    });
    expect(text).toBe('a');
    expect(caught.map(String)).toContain('Error: broken listener');
    expect(client.state.status).toBe('connected');
    client.removeAllListeners();
  });
});
