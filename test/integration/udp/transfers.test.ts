/** Transfers over UDP: large bodies travel in datagrams, in both directions, in every codec, with and without TLS. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, MemoryStorage } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { certificate, serveSecured, trusting } from '../../support/servers/secured.js';
import { connectionTo, serve, temporaryDirectory } from '../../support/servers/serve.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

const codecs = ['text', 'json', 'xml', 'binary'] as const;
const strategies = ['blocking', 'non-blocking'] as const;
const SIZE = 5_000_000;
const bytes = bytesOf(SIZE);

function udpBytes(server: FileServer): { received: number; sent: number } {
  const { udpBytesReceived: received, udpBytesSent: sent } = server.stats();
  return { received, sent };
}

describe('a client with the transport udp', () => {
  it.each(codecs)('moves files both ways in datagrams, in %s', async (codec) => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = connect({ codec, transport: 'udp' });
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(udpBytes(server)).toEqual({ received: SIZE, sent: SIZE });
    const { bytesSent, bytesReceived, fallbacks } = client.stats();
    expect(bytesSent + bytesReceived).toBeLessThan(500_000);
    expect([fallbacks, server.stats().fallbacks, server.stats().udpPaths]).toEqual([0, 0, 1]);
  });

  it('moves files both ways in encrypted datagrams over TLS', async () => {
    const { server, connect } = await serveSecured({ udp: true });
    const client = connect({ tls: trusting, transport: 'udp' });
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(udpBytes(server)).toEqual({ received: SIZE, sent: SIZE });
    expect(client.stats().fallbacks).toBe(0);
  });

  it.each(strategies)(
    'moves several files in both directions at once, with a %s server',
    async (strategy) => {
      const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true, strategy });
      const client = connect({ transport: 'udp' });
      await client.writeFile('a', bytes);
      const uploads = ['b', 'c', 'd'].map((name) => client.writeFile(name, bytes));
      const downloads = await Promise.all([client.readFile('a'), client.readFile('a'), ...uploads]);
      for (const read of downloads.slice(0, 2)) expect(bytes.equals(read as Buffer)).toBe(true);
      for (const name of ['b', 'c', 'd']) expect(bytes.equals(await client.readFile(name))).toBe(true);
      expect(udpBytes(server)).toEqual({ received: 4 * SIZE, sent: 5 * SIZE });
      expect(client.stats().fallbacks).toBe(0);
    },
  );

  it('uploads and downloads local files', async () => {
    const [root, local] = [await temporaryDirectory(), await temporaryDirectory()];
    const { server, connect } = await serve({ root, udp: true });
    const client = connect({ transport: 'udp' });
    await writeFile(path.join(local, 'a'), bytes);
    await client.uploadFile(path.join(local, 'a'), 'remote');
    await client.downloadFile('remote', path.join(local, 'b'));
    expect(bytes.equals(await readFile(path.join(local, 'b')))).toBe(true);
    expect(udpBytes(server)).toEqual({ received: SIZE, sent: SIZE });
  });

  it('sends small files over TCP, also to a client with UDP', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = connect({ transport: 'udp' });
    await client.writeFile('a', bytesOf(1_000_000));
    expect((await client.readFile('a')).length).toBe(1_000_000);
    expect(udpBytes(server)).toEqual({ received: 0, sent: 0 });
  });

  it('leaves nothing open when it closes', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = connect({ transport: 'udp' });
    await client.writeFile('a', bytes);
    const closed = once(server, 'disconnect');
    await client.close();
    expect(await closed).toMatchObject([{}, undefined]);
    expect(server.stats()).toMatchObject({ connections: 0, udpPaths: 0 });
  });
});

describe('a transfer over TCP instead of UDP', () => {
  it('follows the event fallback if the server does not offer UDP', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect({ transport: 'udp' });
    const fallback = once(client, 'fallback');
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(await fallback).toEqual([{ reason: 'The server does not offer UDP.' }]);
    expect(client.stats()).toMatchObject({ fallbacks: 1, udpBytesReceived: 0, udpBytesSent: 0 });
  });

  it('follows the event fallback over a stream of the program', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = connect({
      host: undefined,
      port: undefined,
      connect: () => connectionTo(server),
      transport: 'udp',
    });
    const fallback = once(client, 'fallback');
    await client.writeFile('a', bytes);
    expect(await fallback).toEqual([{ reason: 'The connection is not one of TCP.' }]);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
  });

  it('is chosen by the transport auto on the same host, without an event', async () => {
    const { server, connect } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = connect({ transport: 'auto' });
    await client.writeFile('a', bytes);
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
    expect(udpBytes(server)).toEqual({ received: 0, sent: 0 });
    expect(client.stats().fallbacks).toBe(0);
  });

  it('follows when the server has no path left', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), udp: { maxPathsPerAddress: 1 } });
    const [first, second] = [connect({ transport: 'udp' }), connect({ transport: 'udp' })];
    await first.writeFile('a', bytes);
    const fallback = once(second, 'fallback');
    await second.writeFile('b', bytes);
    expect(await fallback).toEqual([{ reason: 'The server has too many UDP paths of this address.' }]);
    expect(first.stats().fallbacks).toBe(0);
  });
});

it.each([
  [{ transport: 'quic' }, 'The option transport must be one of tcp, udp, auto'],
  [{ udp: { maxRate: 1 } }, 'The option udp.maxRate must be an integer from 1000'],
  [{ udp: { datagramSize: 100 } }, 'The option udp.datagramSize must be an integer from 1200 to 61000'],
])('a client refuses the options %j', async (options, message) => {
  const { connect } = await serve({ storage: new MemoryStorage() });
  expect(() => connect(options as object)).toThrow(message);
});

async function hasIPv6(): Promise<boolean> {
  const socket = createSocket('udp6');
  const outcome = once(socket, 'listening').then(
    () => true,
    () => false,
  );
  socket.bind(0, '::1');
  const has = await outcome;
  socket.close();
  return has;
}

const addresses = [
  ['::1', '::1', ''],
  ['::', '::1', ''],
  ['::', '127.0.0.1', ''],
  ['::1', '::1', ' over TLS'],
] as const;

it.skipIf(!(await hasIPv6())).each(addresses)(
  'a server on %s and a client of %s exchange files in datagrams%s',
  async (listens, host, over) => {
    const serverOptions = over === '' ? {} : { tls: certificate };
    const clientOptions = over === '' ? {} : { tls: { ...trusting, servername: 'localhost' } };
    const before = udpPorts().length;
    const server = new FileServer({ storage: new MemoryStorage(), udp: true, ...serverOptions });
    await server.listen(0, listens);
    onTestFinished(() => server.destroy());
    const client = new FileClient({ host, port: server.port, transport: 'udp', ...clientOptions });
    onTestFinished(() => client.destroy());
    await client.writeFile('file', bytes);
    expect(bytes.equals(await client.readFile('file'))).toBe(true);
    const { udpBytesReceived, udpBytesSent, fallbacks } = server.stats();
    expect([udpBytesReceived, udpBytesSent, fallbacks]).toEqual([SIZE, SIZE, 0]);
    await client.close();
    await until(() => udpPorts().length === before);
  },
);
