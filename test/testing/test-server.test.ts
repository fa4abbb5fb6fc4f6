import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath } from '../../src/index.js';
import { memoryFiles, testServer } from '../../src/testing/index.js';

describe('testServer', () => {
  it.each(['tcp', 'memory'] as const)('serves files in memory over %s', async (transport) => {
    await using place = await testServer({ files: { 'a/b.txt': 'hello' }, transport });
    const client = place.connect();
    expect(await client.readFile('a/b.txt', 'utf8')).toBe('hello');
    await client.writeFile('new', 'text');
    const stored = await place.storage.readFile(parseRemotePath('new'));
    expect(Buffer.from(stored?.bytes ?? []).toString()).toBe('text');
  });

  it('tells its port, and has none in memory', async () => {
    await using tcp = await testServer();
    expect(tcp.port).toBeGreaterThan(0);
    expect(tcp.wires).toEqual([]);
    await using memory = await testServer({ transport: 'memory' });
    expect(() => memory.port).toThrow(TypeError);
  });

  it('closes its clients, its connections and its server', async () => {
    const place = await testServer({ files: { file: 'x' }, transport: 'memory' });
    const [first, second] = [place.connect(), place.connect()];
    await Promise.all([first.stat('file'), second.stat('file')]);
    expect(place.wires).toHaveLength(2);
    await place.close();
    await place.close();
    expect([first.state.status, second.state.status]).toEqual(['closed', 'closed']);
    expect(place.server.stats().connections).toBe(0);
    expect(place.wires).toEqual([]);
    await expect(first.stat('file')).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('passes options to the server and to the client', async () => {
    await using place = await testServer({
      files: { file: 'x' },
      transport: 'memory',
      codec: 'json',
      authenticate: ({ user }) => user === 'ann' && { name: user },
    });
    const login = once(place.server, 'login');
    await place.connect({ codec: 'json', user: 'ann' }).stat('file');
    expect(await login).toMatchObject([{ user: 'ann', codec: 'json' }, { name: 'ann' }]);
  });

  it('gives each connection its own faults', async () => {
    await using place = await testServer({
      files: { file: Buffer.alloc(500_000, 1) },
      transport: 'memory',
      wire: (connection) => (connection < 3 ? { cutAfterBytes: 100_000 } : undefined),
    });
    const client = place.connect();
    expect(await client.readFile('file')).toHaveLength(500_000);
    expect(client.stats()).toMatchObject({ totalConnections: 3, lostConnections: 2, resumedTransfers: 2 });
  });

  it('serves another storage, but then has no files', async () => {
    const storage = await memoryFiles({ other: 'x' });
    await using place = await testServer({ storage });
    expect((await place.connect().stat('other')).size).toBe(1);
    const both = { storage: new MemoryStorage(), files: {} };
    await expect(testServer(both)).rejects.toThrow('testServer takes files, storage or root');
    await expect(testServer({ transport: 'udp' } as never)).rejects.toThrow(TypeError);
    await expect(testServer({ rooot: '.' } as never)).rejects.toThrow('has no option rooot');
  });
});
