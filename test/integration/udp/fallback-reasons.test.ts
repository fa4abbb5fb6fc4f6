/** What a server and its operator learn when bodies do not travel over UDP. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { FileServer, MemoryStorage } from '../../../src/index.js';
import { PathThrottles } from '../../../src/session/path/path-throttles.js';
import { bytesOf } from '../../support/bytes.js';
import { repositoryRoot } from '../../support/repository.js';
import { Wire } from '../../support/frames/wire.js';
import { serve } from '../../support/servers/serve.js';

const bytes = bytesOf(2_000_000);

describe('the reason of a fallback', () => {
  it('is at the server that the client has ended UDP, not that it has cancelled a request', async () => {
    const { server, port } = await serve({ storage: new MemoryStorage(), udp: true });
    const fallback = once(server, 'fallback');
    const wire = await Wire.connect(port);
    wire.send('hello version=1\nopen id=1 op=udp receiveBuffer=0 maxDatagram=1472\n');
    expect(await wire.line()).toMatch(/^welcome /);
    expect(await wire.line()).toMatch(/^accept id=1 /);
    wire.send('cancel id=1\n');
    expect(await wire.line()).toMatch(/^error code=ECANCELED id=1 /);
    expect(await fallback).toMatchObject([{}, 'The client has ended the UDP path.']);
    expect(server.stats()).toMatchObject({ udpPaths: 0, fallbacks: 1 });
  });

  it('names the ports when all of them are in use', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const { connect } = await serve({ storage: new MemoryStorage(), udp: { ports: [port, port] } });
    const client = connect({ transport: 'udp' });
    const fallback = once(client, 'fallback');
    await client.writeFile('a', bytes);
    expect(await fallback).toEqual([{ reason: `All UDP ports from ${port} to ${port} are in use.` }]);
    expect(client.stats()).toMatchObject({ fallbacks: 1, udpBytesSent: 0 });
    other.close();
  });

  it('does not count against the next connection when the server had only no port', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const { connect, server } = await serve({ storage: new MemoryStorage(), udp: { ports: [port, port] } });
    const client = connect({ transport: 'udp' });
    await client.writeFile('a', bytes);
    expect(client.stats().fallbacks).toBe(1);
    const closed = once(other, 'close');
    other.close();
    await closed;
    const left = once(client, 'disconnect');
    for (const { id } of server.connections()) server.disconnect(id, { retryAfterMs: 0 });
    await left;
    await client.writeFile('b', bytes);
    expect(client.stats().fallbacks).toBe(1);
    expect(client.stats().udpBytesSent).toBeGreaterThanOrEqual(bytes.length);
  });
});

it('a bandwidth limit of the server that drops datagrams does not keep the next connection from UDP', async () => {
  const { connect, server } = await serve({ storage: new MemoryStorage(), udp: true });
  const client = connect({ transport: 'udp', udp: { maxRate: 1e6, datagramSize: 1_472 } });
  const reasons: string[] = [];
  client.on('fallback', ({ reason }) => reasons.push(reason));
  const isOverLimit = vi.spyOn(PathThrottles.prototype, 'isOverLimit', 'get').mockReturnValue(true);
  await client.writeFile('a', bytes);
  expect(reasons).toEqual(['More UDP datagrams arrive than a bandwidth limit allows.']);
  expect(client.stats().udpBytesReceived).toBe(0);
  isOverLimit.mockRestore();
  const left = once(client, 'disconnect');
  for (const { id } of server.connections()) server.disconnect(id, { retryAfterMs: 0 });
  await left;
  await client.writeFile('b', bytes);
  expect(reasons).toHaveLength(1);
  expect(server.stats().udpBytesReceived).toBeGreaterThanOrEqual(bytes.length);
});

it.each([50_000, [50_000]])('a server refuses the ports %j, and tells how they are written', (ports) => {
  expect(() => new FileServer({ udp: { ports: ports as unknown as [number, number] } })).toThrow(
    'The option udp.ports must be the first and the last port, such as [50000, 50099].',
  );
});

/** The sentences of the source of UDP, without wrong options and violations of the protocol. */
function sentences(): string[] {
  const others = /protocolError\(|TypeError\(|RangeError\(/;
  const lines = ['src/client/udp', 'src/server/udp', 'src/udp-path'].flatMap((name) => {
    const folder = path.join(repositoryRoot, name);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts'));
    return sources.flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'));
  });
  const told = lines.filter((line, index) => !others.test(`${lines[index - 1] ?? ''}${line}`));
  return told.flatMap((line) =>
    [...line.matchAll(/'([A-Z][^']{10,}\.)'/g)].map(([, sentence = '']) => sentence),
  );
}

it('the guide names every reason of a fallback', () => {
  const guide = readFileSync(path.join(repositoryRoot, 'docs/guides/tcp-or-udp.md'), 'utf8');
  const all = sentences();
  expect(all.length).toBeGreaterThan(10);
  expect(all.filter((reason) => !guide.includes(reason))).toEqual([]);
});
