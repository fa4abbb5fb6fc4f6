import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { clientPath } from '../../../src/udp-path/client-path.js';
import { HelloDatagrams } from '../../../src/udp-path/handshake/hello-datagrams.js';
import { pathSeals } from '../../../src/udp-path/sealing/path-seals.js';
import { openDatagramSocket } from '../../../src/udp-path/socket/open-datagram-socket.js';
import { linkedPaths, secretsOf, type LinkedPaths } from '../../support/udp/linked-paths.js';
import { TestHost } from '../../support/udp/test-host.js';
import { until } from '../../support/until.js';

const HOST = '127.0.0.1';
const BODY = Buffer.alloc(300_000, 'body');

describe('the handshake', () => {
  it('answers with no more bytes than were asked', async () => {
    await using paths = await linkedPaths({ cipher: 'aes-256-gcm' });
    await once(paths.client.host, 'open');
    const { toServer, toClient } = paths.proxy;
    expect(toServer.count).toBeGreaterThan(0);
    expect(toClient.bytes).toBeLessThanOrEqual(toServer.bytes);
    expect(toClient.largest).toBeLessThanOrEqual(toServer.largest);
  });

  it.each([
    [1_400, 1_372],
    [1_460, 1_452],
    [1_500, 1_472],
    [1_300, 1_200],
  ])('finds the largest datagram of a path that carries %i bytes', async (maxBytes, size) => {
    await using paths = await linkedPaths({ isSameHost: false, faults: { maxBytes } });
    await once(paths.client.host, 'open');
    expect(paths.client.host.confirmations).toEqual([{ token: expect.any(Number), size }]);
    const arrived = paths.server.host.expect(1, BODY.length);
    send(paths.client, 1);
    expect((await arrived).equals(BODY)).toBe(true);
    expect(paths.client.path.stats.datagramBytes).toBe(size);
    expect(paths.proxy.toServer.largest).toBeLessThanOrEqual(1_472);
  });

  it('probes the size that the option tells', async () => {
    await using paths = await linkedPaths({ datagramSize: 8_972 });
    await once(paths.client.host, 'open');
    expect(paths.client.host.confirmations[0]?.size).toBe(8_972);
  });

  it.each([
    [750, 1],
    [1_200, 300],
    [1_500, 10_000],
  ])('fails after %i ms where datagrams are dropped, with a round trip of %i ms', async (ms, rttMs) => {
    const startMs = performance.now();
    await using paths = await linkedPaths({ faults: { drop: 1 }, rttMs });
    await once(paths.client.host, 'broken');
    expect(paths.client.host.broken).toBe('The server does not answer UDP datagrams.');
    expect(performance.now() - startMs).toBeGreaterThan(ms - 50);
    expect(paths.client.host.confirmations).toEqual([]);
    expect(paths.proxy.toServer.count).toBe(9);
  });

  it('fails at once where the port of the server is closed', async () => {
    const gone = await openDatagramSocket({ peerAddress: HOST });
    gone.close();
    const host = new TestHost(() => {});
    const socket = await openDatagramSocket({ peerAddress: HOST });
    const path = clientPath({ ...common(socket, host), server: { address: HOST, port: gone.port } });
    await once(host, 'broken');
    expect(host.broken).toBe('The peer refuses UDP datagrams.');
    path.close();
  });

  it('does not answer a client with another secret', async () => {
    await using paths = await linkedPaths({ clientSecret: Buffer.alloc(16, 1) });
    await once(paths.client.host, 'broken');
    expect(paths.proxy.toClient.count).toBe(0);
    expect(paths.server.path.stats.datagramsRejected).toBeGreaterThan(0);
  });

  it('sends no data before the client has confirmed its address', async () => {
    await using paths = await linkedPaths();
    paths.server.host.add(1, BODY);
    paths.server.path.wake();
    await until(() => paths.proxy.toClient.count > 0);
    expect(paths.server.path.stats.datagramsSent).toBe(0);
    await paths.client.host.expect(1, BODY.length);
  });

  it('rejects a confirmation with a token that no answer had', async () => {
    await using paths = await linkedPaths();
    await once(paths.client.host, 'open');
    const [confirmation] = paths.client.host.confirmations;
    const { path } = paths.server;
    expect(() => path.onPathConfirmation({ token: 1, size: 1_200 })).toThrow('EPROTO');
    expect(() => path.onPathConfirmation({ ...confirmation!, size: 65_000 })).toThrow('EPROTO');
    expect(() => path.onPathConfirmation({ ...confirmation!, size: 100 })).toThrow('EPROTO');
    expect(() => path.onPathConfirmation({ ...confirmation!, size: NaN })).toThrow('EPROTO');
    expect(() => paths.client.path.onPathConfirmation(confirmation!)).toThrow('EPROTO');
  });
});

describe('the server', () => {
  it('answers a HELLO once, however often it is replayed', async () => {
    await using attack = await attackOn({});
    const hello = attack.hellos.hello(1_200);
    for (let count = 0; count < 10; count += 1) attack.send(hello);
    attack.send(attack.hellos.hello(1_200));
    await until(() => attack.answers.length >= 2);
    expect(attack.answers).toHaveLength(2);
  });

  it('answers at most 64 HELLOs at once', async () => {
    await using attack = await attackOn({});
    for (let count = 0; count < 300; count += 1) attack.send(attack.hellos.hello(56));
    await until(() => attack.paths.server.path.stats.datagramsRejected + attack.answers.length > 60);
    await attack.settled();
    expect(attack.answers.length).toBeLessThan(100);
  });

  it('does not answer other addresses than that of the control connection', async () => {
    await using attack = await attackOn({ address: '127.0.0.2' });
    attack.send(attack.hellos.hello(1_200));
    await attack.settled();
    expect(attack.answers).toEqual([]);
  });

  it('ignores data of an address that has sent no HELLO', async () => {
    await using attack = await attackOn({});
    attack.send(
      Buffer.from(
        `01010004${attack.id}000000000000 00000001 000000000000 00000000`.replaceAll(' ', ''),
        'hex',
      ),
    );
    await attack.settled();
    expect(attack.paths.server.host.unexpected).toBe(0);
  });
});

describe('a client behind a NAT', () => {
  it.each(['a download', 'an upload'] as const)('continues %s from another port', async (direction) => {
    await using paths = await linkedPaths({ isSameHost: false, maxRate: 4e6 });
    const [from, to] =
      direction === 'a download' ? [paths.server, paths.client] : [paths.client, paths.server];
    const body = Buffer.alloc(6_000_000, 'rebound');
    const arrived = to.host.expect(1, body.length);
    from.host.add(1, body);
    from.path.wake();
    await once(to.host, 'piece');
    await paths.proxy.rebind();
    expect((await arrived).equals(body)).toBe(true);
    expect(paths.client.host.broken ?? paths.server.host.broken).toBeUndefined();
    const tokens = paths.client.host.confirmations.map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
  });
});

function send({ host, path }: LinkedPaths['client'], channelId: number): void {
  host.add(channelId, BODY);
  path.wake();
}

function common(socket: Awaited<ReturnType<typeof openDatagramSocket>>, host: TestHost) {
  const settings = {
    connectionId: 7,
    rttMs: 1,
    isSameHost: true,
    peerReceiveBuffer: 400_000,
    maxDatagram: 65_507,
  };
  return { ...settings, socket, host, secrets: secretsOf() };
}

/** A host that knows the secret and sends to the server, but has no control connection. */
async function attackOn({ address = HOST }: { address?: string }) {
  const paths = await linkedPaths({ faults: { drop: 1 } });
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const answers: Buffer[] = [];
  socket.on('message', (datagram) => answers.push(datagram));
  const { outgoing } = pathSeals('client', paths.secrets);
  const hellos = new HelloDatagrams(paths.connectionId, outgoing);
  const { port } = paths.server.socket;
  return {
    paths,
    answers,
    hellos,
    id: paths.connectionId.toString(16).padStart(8, '0'),
    send: (datagram: Uint8Array) => socket.send(datagram, port, HOST),
    settled: () => settled(socket, paths),
    async [Symbol.asyncDispose]() {
      socket.close();
      await paths[Symbol.asyncDispose]();
    },
  };
}

/** All datagrams so far have been handled: junk behind them has. */
async function settled(socket: Socket, { server }: LinkedPaths): Promise<void> {
  const { datagramsRejected } = server.path.stats;
  socket.send('junk', server.socket.port, HOST);
  await until(() => server.path.stats.datagramsRejected > datagramsRejected);
}
