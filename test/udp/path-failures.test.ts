import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { writeDatagramHeader } from '../../src/udp/datagram.js';
import { pathSeals } from '../../src/udp-path/sealing/path-seals.js';
import { RatePolicer } from '../../src/udp-path/policing/rate-policer.js';
import { linkedPaths, type LinkedPaths } from '../support/udp/linked-paths.js';
import { until } from '../support/until.js';

const BODY = Buffer.alloc(3_000_000, 'body');

describe('a path that breaks', () => {
  it('tells once, with all bytes that were taken and may not have arrived', async () => {
    await using paths = await linkedPaths({ isSameHost: false, maxRate: 1e6 });
    const { client, server } = paths;
    const complete = client.host.expect(1, BODY.length);
    server.host.add(1, BODY);
    server.path.wake();
    await once(client.host, 'piece');
    paths.proxy.faults = { drop: 1 };
    await once(server.host, 'broken');
    expect(server.host.broken).toBe('UDP datagrams no longer arrive.');
    expect(server.host.isNetwork).toBe(true);
    for (const piece of server.host.unacknowledged) client.host.receive(piece);
    for (let rest = server.host.take(65_536); rest; rest = server.host.take(65_536))
      client.host.receive(rest);
    expect((await complete).equals(BODY)).toBe(true);
    const { datagramsSent } = server.path.stats;
    server.path.wake();
    server.path.onReceiverReport({ ...client.host.reports.at(-1)! });
    expect(server.path.stats.datagramsSent).toBe(datagramsSent);
  });

  it('says so at the end that drops datagrams for its own limit, before the sender takes the network for the cause', async () => {
    await using paths = await linkedPaths({ isSameHost: false, maxRate: 1e6 });
    const { client, server } = paths;
    void client.host.expect(1, BODY.length);
    server.host.add(1, BODY);
    server.path.wake();
    await once(client.host, 'piece');
    client.host.isOverLimit = true;
    await once(client.host, 'broken');
    expect(client.host.broken).toBe('More UDP datagrams arrive than a bandwidth limit allows.');
    expect(client.host.isNetwork).toBe(false);
    expect(server.host.broken).toBeUndefined();
  });

  it('carries smaller datagrams when large ones no longer arrive', async () => {
    await using paths = await linkedPaths({ isSameHost: false, maxRate: 4e6 });
    const { client, server } = paths;
    const complete = client.host.expect(1, BODY.length);
    server.host.add(1, BODY);
    server.path.wake();
    await once(client.host, 'piece');
    paths.proxy.faults = { maxBytes: 1_300 };
    expect((await complete).equals(BODY)).toBe(true);
    expect(server.path.stats.datagramBytes).toBe(1_200);
    expect(server.host.broken ?? client.host.broken).toBeUndefined();
  });
});

describe('hostile datagrams', () => {
  it('of a client with the secret do not reach the session twice, or far ahead', async () => {
    await using paths = await linkedPaths();
    await once(paths.client.host, 'open');
    const send = forger(paths);
    send({ packetNumber: 0 });
    send({ packetNumber: 0 });
    send({ packetNumber: 2 ** 40 });
    send({ packetNumber: 1, connectionId: (paths.connectionId + 1) % 2 ** 32 });
    send({ packetNumber: 2 });
    await until(() => paths.server.host.unexpected >= 2);
    expect(paths.server.host.unexpected).toBe(2);
    expect(paths.server.path.stats.datagramsRejected).toBe(3);
    expect(paths.server.host.broken).toBeUndefined();
  });

  it('beyond the rate that the server was told are dropped', () => {
    const policer = new RatePolicer(1e6, 0);
    const accepted = (nowUs: number): number => {
      let bytes = 0;
      while (policer.accept(1_000, nowUs)) bytes += 1_000;
      return bytes;
    };
    const burst = accepted(0);
    expect(burst).toBeLessThanOrEqual(275_000);
    let bytes = 0;
    for (let nowUs = 10_000; nowUs <= 10_000_000; nowUs += 10_000) bytes += accepted(nowUs);
    expect(bytes).toBeGreaterThan(10e6);
    expect(bytes).toBeLessThan(11.2e6);
  });

  it('a report of packets that were never sent is a violation of the protocol', async () => {
    await using paths = await linkedPaths();
    await once(paths.client.host, 'open');
    const report = {
      bytesReceived: 9,
      lastArrivalUs: 0,
      lastSendTimeUs: 0,
      minOwdUs: 0,
      holdUs: 0,
      gaps: [],
    };
    expect(() => paths.client.path.onReceiverReport({ ...report, resolvedTo: 9 })).toThrow('EPROTO');
    expect(() => paths.server.path.onReceiverReport({ ...report, resolvedTo: 9 })).toThrow('EPROTO');
    expect(() => paths.server.path.onSenderReport(2 ** 40)).toThrow('EPROTO');
  });
});

describe('a closed path', () => {
  it('releases its sockets and timers, and says nothing more', async () => {
    const before = resources();
    for (const faults of [{}, { drop: 1 }]) {
      const paths = await linkedPaths({ faults });
      await until(() => paths.proxy.toServer.count > 0);
      paths.server.host.add(1, BODY);
      paths.server.path.wake();
      await paths[Symbol.asyncDispose]();
      paths.client.path.close();
      expect(paths.client.host.broken ?? paths.server.host.broken).toBeUndefined();
    }
    await until(() => resources() <= before);
  });
});

function resources(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWRAP').length;
}

/** Sends datagrams with the client's secret over the client's socket. */
function forger({ client, secrets, connectionId, proxy }: LinkedPaths) {
  const { outgoing } = pathSeals('client', secrets);
  return (fields: { packetNumber: number; connectionId?: number }): void => {
    const header = {
      type: 1,
      payloadLength: 4,
      connectionId,
      channelId: 5,
      offset: 0,
      sendTimeUs: 0,
      ...fields,
    } as const;
    const datagram = Buffer.alloc(40);
    writeDatagramHeader(header, datagram);
    datagram.set(outgoing.token, 28);
    client.socket.send(outgoing.seal(datagram), { address: '127.0.0.1', port: proxy.port });
  };
}
