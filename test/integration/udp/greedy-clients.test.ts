/** Clients that use the limits of UDP paths up, or make a server send and hold as much as they can. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { codecNames, frame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { RawUdpClient, socketOn } from '../../support/udp/raw-udp-client.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;
const bytes = bytesOf(2_000_000);
const udp = { transport: 'udp' } as const;

describe('HELLOs', () => {
  it('are answered with at most as many bytes as arrive, and 64 at once', async () => {
    const { port, server } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = await RawUdpClient.opening(port, 'binary');
    const COUNT = 2_000;
    const startedMs = performance.now();
    for (let number = 0; number < COUNT; number += 1) {
      client.sendDatagram(client.hello());
      if (number % 50 === 0) await client.wire.settle(number + 1);
    }
    await client.wire.settle(COUNT + 1);
    const seconds = (performance.now() - startedMs) / 1_000;
    expect(client.received.count).toBeGreaterThan(0);
    expect(client.received.count).toBeLessThanOrEqual(64 + 64 * seconds + 1);
    expect(client.received.bytes).toBeLessThanOrEqual(COUNT * 1_200);
    expect(client.received.bytes).toBe(client.received.count * 1_200);
    expect(server.stats()).toMatchObject({ udpPaths: 1, udpBytesSent: 0 });
  });

  it('of a forged address are not answered: the amplification is 0', async () => {
    const { port } = await serve({ storage: new MemoryStorage(), udp: true });
    const client = await RawUdpClient.opening(port, 'binary');
    // A victim that is not the peer of the connection, although the attacker has its secret.
    const victim = await socketOn('127.0.0.9');
    let heard = 0;
    victim.on('message', (datagram) => (heard += datagram.length));
    for (let number = 0; number < 200; number += 1) client.sendDatagram(client.hello(), victim);
    await client.wire.settle();
    client.sendDatagram(client.hello());
    await once(client.socket, 'message');
    expect(heard).toBe(0);
  });
});

describe.each(codecNames)('in %s', (codec) => {
  it('a client that reports what it has not received gets no more than its window, at no cost to others', async () => {
    const storage = await storageOf({ large: bytesOf(48 * MIB) });
    const { server, port, connect } = await serve({ storage, udp: true });
    const client = await RawUdpClient.open(port, codec, { receiveBuffer: 2 ** 50 });
    const window = 32 * MIB;
    client.wire.send(frame('open', { id: 3, op: 'download', path: 'large', window }));
    const other = connect(udp);
    const transfers = other.writeFile('other', bytes).then(() => other.readFile('other'));
    let reports = 0;
    while (server.stats().udpBytesSent < window) {
      await once(client.socket, 'message');
      // All that has left, at a clock that shows 10 Gbit/s, with ever longer delays.
      const { highest, bytes: received } = client.received;
      reports += 1;
      const times = { lastArrival: reports, lastSendTime: 0, hold: 0, minDelay: reports };
      const report = { resolvedTo: highest + 1, bytes: received, ...times };
      client.wire.send(frame('receiver-report', { id: client.pathId, ...report }));
    }
    expect(bytes.equals(await transfers)).toBe(true);
    await client.wire.settle();
    expect(new Set(client.wire.wordsOf(client.pathId))).toEqual(new Set(['accept', 'sender-report']));
    const { udpBytesSent, fallbacks } = server.stats();
    expect(udpBytesSent).toBeLessThanOrEqual(window + bytes.length);
    expect(fallbacks).toBe(0);
  });
});

describe('the limits of paths', () => {
  it('hold for each address and for the server, refuse no running path, and are free again', async () => {
    const limits = { maxPaths: 20, maxPathsPerAddress: 8 };
    const { server, port, connect } = await serve({ storage: new MemoryStorage(), udp: limits });
    const before = udpPorts().length;
    const other = connect(udp);
    await other.writeFile('other', bytes);
    expect(server.stats().udpPaths).toBe(1);
    const clients: RawUdpClient[] = [];
    const openAll = async (count: number, localAddress: string): Promise<string[]> => {
      const opened = await Promise.all(
        Array.from({ length: count }, () => RawUdpClient.connect(port, 'text', localAddress)),
      );
      clients.push(...opened);
      return Promise.all(opened.map((client) => client.ask()));
    };
    const outcomes = await openAll(10, '127.0.0.2');
    expect(outcomes.filter((word) => word === 'accept')).toHaveLength(8);
    expect(outcomes.filter((word) => word === 'EAGAIN')).toHaveLength(2);
    expect((await openAll(8, '127.0.0.3')).every((word) => word === 'accept')).toBe(true);
    expect((await openAll(8, '127.0.0.4')).filter((word) => word === 'accept')).toHaveLength(3);
    expect([server.stats().udpPaths, udpPorts().length - before]).toEqual([20, 21]);
    expect(bytes.equals(await other.readFile('other'))).toBe(true);
    for (const { wire } of clients) wire.close();
    await until(() => server.stats().udpPaths === 1 && udpPorts().length === before + 2);
    expect((await openAll(8, '127.0.0.2')).every((word) => word === 'accept')).toBe(true);
  });
});

describe('a flood of datagrams from the address of a client', () => {
  it.each(['random bytes', 'a wrong secret', 'the same number again and again'])(
    'with %s does not disturb its transfer, nor those of others',
    async (kind) => {
      const { server, port, connect } = await serve({ storage: new MemoryStorage(), udp: true });
      const client = await RawUdpClient.open(port, 'binary');
      await client.upload(3, 'flooded');
      const other = connect(udp);
      const transfers = other.writeFile('other', bytes).then(() => other.readFile('other'));
      const good = client.data(3, 0, bytes.subarray(0, 1_000));
      client.sendDatagram(good);
      const forged = Buffer.from(good);
      forged.writeUInt8(forged.readUInt8(28) ^ 1, 28);
      const junk = { 'random bytes': bytesOf(1_236, 9), 'a wrong secret': forged }[kind] ?? good;
      for (let sent = 0; sent < 50_000; sent += 1) {
        client.sendDatagram(junk);
        if (sent % 500 === 0) await new Promise(setImmediate);
      }
      expect(bytes.equals(await transfers)).toBe(true);
      await client.wire.settle();
      await until(() => server.stats().udpBytesReceived >= bytes.length + 1_000);
      client.wire.send(frame('end', { id: 3, size: 1_000 }));
      expect(await client.wire.receive('result', { id: 3 })).toMatchObject({ size: 1_000 });
      expect(server.stats()).toMatchObject({ fallbacks: 0, failedRequests: 0 });
      expect(server.stats().udpBytesReceived).toBe(bytes.length + 1_000);
    },
  );
});
