/** Whole transfers between real clients and servers, whose datagrams pass a network that treats them badly. */
import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryStorage, type FileClientOptions, type FileServerOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { serve } from '../../support/servers/serve.js';
import { cuttable } from '../../support/udp/cuttable.js';
import type { Faults } from '../../support/udp/lossy-proxy.js';
import { proxyNextPaths, throughProxy } from '../../support/udp/proxied-paths.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

vi.mock('../../../src/udp-path/client-path.js', async (importOriginal) => {
  const { clientPath } = await importOriginal<typeof import('../../../src/udp-path/client-path.js')>();
  return { clientPath: (options: Parameters<typeof clientPath>[0]) => clientPath(throughProxy(options)) };
});

const bytes = bytesOf(2_000_000);

// Loaded by the first path otherwise, which then may take more than the 2 s that a client waits on a busy machine.
beforeAll(async () => {
  await import('../../../src/client/udp/client-path.js');
  await import('../../../src/udp-path/server-path.js');
});

const udp: FileClientOptions = { transport: 'udp', udp: { datagramSize: 1_472 } };

async function behind(faults: Faults, options: FileServerOptions = {}) {
  const proxy = await proxyNextPaths(faults);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const place = await serve({ storage: new MemoryStorage(), udp: true, ...options });
  return { ...place, proxy };
}

const networks: [string, Faults][] = [
  ['loses', { drop: 0.05 }],
  ['does all of that', { drop: 0.02, duplicate: 0.05, delay: 0.1, truncate: 0.01 }],
];

describe.each(networks)('over a network that %s', (_name, faults) => {
  it.each([
    ['in clear', {}, {}],
    ['encrypted', { tls: certificate }, { tls: trusting }],
  ] as const)('files arrive whole, %s', async (_kind, serverOptions, clientOptions) => {
    const { server, connect } = await behind(faults, serverOptions);
    const client = connect({ ...udp, ...clientOptions });
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(server.stats()).toMatchObject({ failedRequests: 0, udpBytesSent: bytes.length });
    expect(server.stats().udpBytesReceived).toBeGreaterThanOrEqual(bytes.length);
    expect(client.stats()).toMatchObject({ retries: 0, fallbacks: 0 });
  });
});

describe('damaged datagrams', () => {
  it('are lost ones if they are encrypted', async () => {
    const { server, connect } = await behind({ forge: 0.05 }, { tls: certificate });
    const client = connect({ ...udp, tls: trusting });
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(server.stats().failedRequests).toBe(0);
  });

  it('in clear never make a wrong file: it is sent again, or fails with EBADMSG', async () => {
    const { server, connect, proxy } = await behind({});
    const client = connect(udp);
    await client.writeFile('good', bytes);
    proxy.faults = { forge: 0.002 };
    const upload = await client.writeFile('a', bytes).catch((error: unknown) => error);
    const read = await client.readFile('good').catch((error: unknown) => error);
    proxy.faults = {};
    // A file is sent again from its start, a few times.
    expect(server.stats().udpBytesReceived).toBeGreaterThan(2 * bytes.length);
    if (upload instanceof Error) expect(upload).toMatchObject({ code: 'EBADMSG' });
    const stored = await client.readFile('a').catch((error: unknown) => error);
    if (upload instanceof Error) expect(stored).toMatchObject({ code: 'ENOENT' });
    else expect(bytes.equals(stored as Buffer)).toBe(true);
    if (read instanceof Error) expect(read).toMatchObject({ code: 'EBADMSG' });
    else expect(bytes.equals(read as Buffer)).toBe(true);
    expect(bytes.equals(await client.readFile('good'))).toBe(true);
    expect(server.stats().activeRequests).toBe(0);
  });
});

describe('a blocked network', () => {
  it('costs 2 s once, is told by an event, and remembered', async () => {
    const { connect, proxy } = await behind({ drop: 1 });
    const client = connect(udp);
    const fallback = once(client, 'fallback');
    const startedMs = performance.now();
    await client.writeFile('a', bytes);
    expect(await fallback).toEqual([{ reason: 'The server does not answer UDP datagrams.' }]);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    const asked = proxy.toServer.count;
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(proxy.toServer.count).toBe(asked);
    expect(client.stats()).toMatchObject({ fallbacks: 1, udpBytesSent: 0, retries: 0 });
  });

  it('in the middle of a file is replaced by TCP, without a retry', async () => {
    const { server, connect, proxy } = await behind({});
    const client = connect({ ...udp, udp: { datagramSize: 1_472, maxRate: 3_000_000 } });
    const fallback = once(client, 'fallback');
    const upload = client.writeFile('a', bytes);
    await until(() => server.stats().udpBytesReceived > 500_000);
    proxy.faults = { drop: 1 };
    await upload;
    await fallback;
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(client.stats()).toMatchObject({ fallbacks: 1, retries: 0 });
    expect(server.stats()).toMatchObject({ failedRequests: 0, udpPaths: 0 });
  });

  it('for large datagrams in the middle of a file leaves the small ones', async () => {
    const { server, connect, proxy } = await behind({});
    const client = connect({ ...udp, udp: { datagramSize: 1_472, maxRate: 3_000_000 } });
    const upload = client.writeFile('a', bytes);
    await until(() => server.stats().udpBytesReceived > 500_000);
    proxy.faults = { maxBytes: 1_200 };
    await upload;
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(client.stats().retries).toBe(0);
  });
});

describe('a policer that drops what exceeds a rate', () => {
  it.each([2_000_000, 250_000])('of %i bytes a second lets files arrive whole', async (bytesPerSecond) => {
    const { server, connect, proxy } = await behind({ bytesPerSecond });
    const client = connect(udp);
    const reasons: string[] = [];
    client.on('fallback', ({ reason }) => reasons.push(reason));
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    // Over UDP, or over TCP with the event that tells so.
    const { fallbacks, retries } = client.stats();
    expect([fallbacks, retries]).toEqual([reasons.length, 0]);
    expect(proxy.toServer.count).toBeGreaterThan(fallbacks === 0 ? 2_000 : 0);
    expect(server.stats()).toMatchObject({ failedRequests: 0, udpPaths: fallbacks === 0 ? 1 : 0 });
  });
});

it('a file arrives whole although a NAT gives the client another port in the middle', async () => {
  const { server, connect, proxy } = await behind({});
  const client = connect({ ...udp, udp: { datagramSize: 1_472, maxRate: 2_000_000 } });
  const upload = client.writeFile('a', bytes);
  await until(() => server.stats().udpBytesReceived > 500_000);
  await proxy.rebind();
  await upload;
  expect(bytes.equals(await client.readFile('a'))).toBe(true);
  expect(client.stats()).toMatchObject({ retries: 0 });
});

it('a cut of the connection ends the path on both ends, and the file continues over another one', async () => {
  const before = udpPorts().length;
  const { server, port } = await serve({ storage: new MemoryStorage(), udp: true });
  const link = await cuttable(port);
  const { connect } = await serve({ storage: new MemoryStorage() });
  // Without a proxy of datagrams: to the server they come from the same address.
  const direct = await proxyNextPaths({});
  onTestFinished(() => direct[Symbol.asyncDispose]());
  const client = connect({ ...udp, port: link.port, udp: { datagramSize: 1_472, maxRate: 3_000_000 } });
  const upload = client.writeFile('a', bytes);
  await until(() => server.stats().udpBytesReceived > 1_000_000);
  link.cut();
  await upload;
  expect(client.stats().retries).toBe(1);
  const download = client.readFile('a');
  await until(() => client.stats().udpBytesReceived > 1_000_000);
  link.cut();
  expect(bytes.equals(await download)).toBe(true);
  await until(() => server.stats().udpPaths === 1);
  // What had arrived is not sent again: at most what was in flight.
  expect(server.stats().udpBytesSent).toBeLessThan(1.5 * bytes.length);
  await client.close();
  await until(() => server.stats().udpPaths === 0 && udpPorts().length === before + 2);
});
