/** What the events of requests tell: the target, and which attempts belong together. */
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileServer, MemoryStorage, type RequestStart, type RequestSummary } from '../../../src/index.js';
import { enter } from '../sessions/session-wire.js';
import { bytesOf } from '../../support/bytes.js';
import { Wire } from '../../support/frames/wire.js';
import { cuttingProxy } from '../../support/servers/cutting-proxy.js';
import { serve, serveFiles, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

interface Recorded extends Served {
  readonly starts: RequestStart[];
  readonly ends: RequestSummary[];
}

async function recorded(served: Promise<Served>): Promise<Recorded> {
  const { server, ...rest } = await served;
  const starts: RequestStart[] = [];
  const ends: RequestSummary[] = [];
  server.on('requestStart', (request) => starts.push(request));
  server.on('requestEnd', (summary) => ends.push(summary));
  return { server, ...rest, starts, ends };
}

describe('the events of a request', () => {
  it('name the target of a rename and of a copy, and of nothing else', async () => {
    const { connect, starts, ends } = await recorded(serveFiles({ a: 'four' }));
    const client = connect();
    await client.copy('a', 'b');
    await client.rename('b', 'c');
    await client.stat('c');
    await client.copy('missing', 'd').catch(() => undefined);
    await until(() => ends.length === 4);
    for (const events of [starts, ends]) {
      expect(events.map(({ operation, path, target }) => [operation, path, target])).toEqual([
        ['copy', 'a', 'b'],
        ['rename', 'b', 'c'],
        ['stat', 'c', undefined],
        ['copy', 'missing', 'd'],
      ]);
    }
  });

  it('have the same id and requestId at its start and its end, and no two attempts share both', async () => {
    const { connect, starts, ends } = await recorded(serveFiles({ a: 'four' }));
    const clients = [connect(), connect()];
    await Promise.all(
      clients.flatMap((client) => [client.readFile('a'), client.stat('a'), client.writeFile('b', 'x')]),
    );
    await until(() => ends.length === 6);
    const keyOf = ({ connection, id, requestId }: RequestStart): string =>
      `${connection.id} ${id} ${requestId}`;
    expect(new Set(starts.map(keyOf)).size).toBe(6);
    expect(ends.map(keyOf).sort()).toEqual(starts.map(keyOf).sort());
  });
});

describe('the attempts of a change in a session', () => {
  it('have one requestId on every connection, which shows nothing of the session', async () => {
    const { port, starts } = await recorded(serve({ storage: new MemoryStorage() }));
    const first = await enter(port, 'text');
    const open = { op: 'mkdir', path: 'a', requestId: 1 };
    await first.wire.ask({ id: 1, ...open });
    first.wire.cut();
    const { wire, session } = await enter(port, 'text', first.session);
    expect(session).toBe(first.session);
    await wire.ask({ id: 1, ...open });
    await wire.ask({ id: 3, ...open, path: 'b', requestId: 2 });
    const other = await enter(port, 'text');
    await other.wire.ask({ id: 1, ...open });
    const [attempt, repeated, next, elsewhere] = starts.map(({ requestId }) => requestId);
    expect(attempt).toMatch(/^[\w-]{22}-1$/);
    expect(repeated).toBe(attempt);
    expect(new Set([attempt, next, elsewhere]).size).toBe(3);
    expect(JSON.stringify(starts)).not.toContain(session.slice(0, 16));
  });
});

describe('the attempts of an upload', () => {
  it('have one requestId on every connection, which another upload has not', async () => {
    const { port, connect, starts, ends } = await recorded(serve({ storage: new MemoryStorage() }));
    const proxy = await cuttingProxy(port, { bytes: 300_000, way: 'toServer', times: 2 });
    const client = connect({ port: proxy.port, reconnect: { minDelayMs: 1 } });
    await client.writeFile('a', bytesOf(1_000_000));
    await client.writeFile('b', bytesOf(1_000));
    await until(() => ends.length === starts.length);
    const attempts = starts.filter(({ path }) => path === 'a');
    expect(attempts.length).toBeGreaterThan(1);
    expect(new Set(attempts.map(({ connection }) => connection.id)).size).toBe(attempts.length);
    const ids = new Set(attempts.map(({ requestId }) => requestId));
    expect(ids.size).toBe(1);
    expect(ids).not.toContain(starts.find(({ path }) => path === 'b')?.requestId);
  });

  it('have the same requestId after a restart of the server', async () => {
    const ids: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const { port, starts } = await recorded(serve({ storage: new MemoryStorage() }));
      const wire = await Wire.connect(port);
      wire.send('hello version=1\nopen id=1 op=upload path=a upload=0123456789abcdef0123456789abcdef\n');
      await until(() => starts.length === 1);
      ids.push(starts[0]?.requestId ?? '');
    }
    expect(ids[0]).toMatch(/^[\w-]{22}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('show nothing of the upload id, with which a client could continue the upload', async () => {
    const upload = '0123456789abcdef0123456789abcdef';
    for (const authenticate of [undefined, () => ({ name: 'ann' })]) {
      const storage = new MemoryStorage();
      const server = await new FileServer({ storage, ...(authenticate && { authenticate }) }).listen(0);
      onTestFinished(() => server.close({ graceMs: 0 }));
      const texts: string[] = [];
      server.on('requestStart', (request) => texts.push(JSON.stringify(request)));
      server.on('requestEnd', (summary) => texts.push(JSON.stringify(summary)));
      const wire = await Wire.connect(server.port);
      wire.send(`hello version=1\nopen id=1 op=upload path=a upload=${upload}\n`);
      await until(() => server.connections()[0]?.requests.length === 1);
      texts.push(JSON.stringify(server.connections()));
      const ended = once(server, 'requestEnd');
      wire.send('cancel id=1\n');
      await ended;
      expect(texts).toHaveLength(3);
      for (const text of texts) {
        expect(text).not.toContain(upload);
        // Nor the half of it.
        expect(text).not.toContain(upload.slice(0, 16));
      }
    }
  });

  it('differ from those of another user with the same upload id', async () => {
    const { port, starts } = await recorded(
      serve({ storage: new MemoryStorage(), authenticate: ({ user = '' }) => ({ name: user }) }),
    );
    for (const user of ['ann', 'bob']) {
      const wire = await Wire.connect(port);
      wire.send(`hello version=1 user=${user}\n`);
      await wire.line();
      wire.send(`open id=1 op=upload path=${user} upload=0123456789abcdef0123456789abcdef\n`);
    }
    await until(() => starts.length === 2);
    expect(starts[0]?.requestId).not.toBe(starts[1]?.requestId);
  });
});
