import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DatagramSocket, type SocketFailure } from '../../src/udp-path/socket/datagram-socket.js';
import { openDatagramSocket } from '../../src/udp-path/socket/open-datagram-socket.js';
import { PortRange } from '../../src/udp-path/socket/port-range.js';
import { isSameHost, plainAddress } from '../../src/udp-path/socket/same-host.js';

const HOST = '127.0.0.1';

/** A socket of a runtime that has no `getSendQueueCount`, such as Deno. */
class SystemSocket extends EventEmitter {
  readonly sent: ((error: Error | null) => void)[] = [];
  address = (): { port: number } => ({ port: 1 });
  getRecvBufferSize = (): number => 1;
  send = (...args: unknown[]): void => {
    this.sent.push(args.at(-1) as (error: Error | null) => void);
  };
}

describe('a datagram socket', () => {
  it('has a port of the range, and gives it back when it is closed', async () => {
    const ports = new PortRange([47_310, 47_311]);
    const open = (): Promise<DatagramSocket> =>
      openDatagramSocket({ peerAddress: HOST, localAddress: HOST, ports });
    const both = await Promise.all([open(), open()]);
    expect(both.map(({ port }) => port).sort()).toEqual([47_310, 47_311]);
    await expect(open()).rejects.toMatchObject({ code: 'EMFILE', reason: /47310 to 47311 are in use/ });
    both[0].close();
    await new Promise((resolve) => setImmediate(resolve));
    const again = await open();
    expect(again.port).toBe(both[0].port);
    for (const socket of [both[1], again]) socket.close();
  });

  it('takes the next port if another process has one', async () => {
    const other = createSocket('udp4');
    other.bind({ port: 47_320, address: HOST, exclusive: true });
    await once(other, 'listening');
    const ports = new PortRange([47_320, 47_321]);
    const socket = await openDatagramSocket({ peerAddress: HOST, localAddress: HOST, ports });
    expect(socket.port).toBe(47_321);
    await expect(openDatagramSocket({ peerAddress: HOST, localAddress: HOST, ports })).rejects.toThrow(
      'EMFILE',
    );
    socket.close();
    other.close();
  });

  it('stays usable if the system refuses to connect it', async () => {
    const socket = await openDatagramSocket({ peerAddress: HOST, localAddress: HOST });
    const receiver = await openDatagramSocket({ peerAddress: HOST, localAddress: HOST });
    const received = new Promise<string>((resolve) => {
      receiver.listen({ onDatagram: (datagram) => resolve(datagram.toString()), onFailure: () => {} });
    });
    // Not allowed without SO_BROADCAST, as an address without a route is not reachable.
    const broadcast = { address: '255.255.255.255', port: 9 };
    socket.connect(broadcast);
    expect(socket.isConnected).toBe(false);
    socket.send(Buffer.from('lost'), broadcast);
    socket.disconnect();
    socket.send(Buffer.from('sent'), { address: HOST, port: receiver.port });
    expect(await received).toBe('sent');
    for (const each of [socket, receiver]) each.close();
  });

  it('reports a closed port and a datagram that is too long, and throws nothing', async () => {
    const gone = await openDatagramSocket({ peerAddress: HOST });
    gone.close();
    const socket = await openDatagramSocket({ peerAddress: HOST });
    const failures: SocketFailure[] = [];
    const peer = { address: HOST, port: gone.port };
    socket.connect(peer);
    const refused = new Promise<void>((resolve) => {
      socket.listen({
        onDatagram: () => {},
        onFailure: (failure) => failures.push(failure) === 1 && resolve(),
      });
    });
    socket.send(Buffer.alloc(10), peer);
    await refused;
    expect(failures).toEqual(['refused']);
    socket.send(Buffer.alloc(65_536), peer);
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures.at(-1)).toBe('too-long');
    socket.close();
    socket.send(Buffer.alloc(10), peer);
    socket.close();
  });

  it('hears only its peer while it is connected, and all hosts again after that', async () => {
    const [socket, peer, stranger] = await Promise.all([
      openDatagramSocket({ peerAddress: HOST, localAddress: HOST, ports: new PortRange() }),
      openDatagramSocket({ peerAddress: HOST, localAddress: HOST }),
      openDatagramSocket({ peerAddress: HOST, localAddress: HOST }),
    ]);
    const heard: string[] = [];
    let onHeard = (): void => {};
    const onDatagram = (datagram: Buffer): void => {
      heard.push(datagram.toString());
      onHeard();
    };
    socket.listen({ onDatagram, onFailure: () => {} });
    const exchange = async (): Promise<void> => {
      const next = new Promise<void>((resolve) => (onHeard = resolve));
      stranger.send(Buffer.from('stranger'), { address: HOST, port: socket.port });
      peer.send(Buffer.from('peer'), { address: HOST, port: socket.port });
      await next;
    };
    socket.connect({ address: HOST, port: peer.port });
    await exchange();
    expect(heard).toEqual(['peer']);
    const { port } = socket;
    socket.disconnect();
    await exchange();
    expect(heard).toContain('stranger');
    expect(socket.port).toBe(port);
    for (const one of [socket, peer, stranger]) one.close();
  });

  it('counts datagrams until they are sent, where the runtime has no count of queued ones', async () => {
    const system = new SystemSocket();
    const socket = new DatagramSocket(system as unknown as Socket);
    const peer = { address: HOST, port: 9 };
    expect([socket.canSend, socket.holdsMemory]).toEqual([true, false]);
    for (let count = 0; count < 33; count += 1) socket.send(Buffer.from('a'), peer);
    expect([socket.canSend, socket.holdsMemory]).toEqual([false, true]);
    system.sent.shift()?.(null);
    expect([socket.canSend, socket.holdsMemory]).toEqual([true, true]);
    for (const sent of system.sent.splice(0)) sent(new Error('lost'));
    expect([socket.canSend, socket.holdsMemory]).toEqual([true, false]);
  });

  it('tells how many bytes the system buffers', async () => {
    const socket = await openDatagramSocket({ peerAddress: HOST, receiveBufferBytes: 64 * 1024 });
    expect(socket.receiveBufferBytes).toBeGreaterThanOrEqual(64 * 1024);
    expect(socket.receiveBufferBytes).toBeLessThanOrEqual(2 * 64 * 1024);
    socket.close();
  });
});

describe('addresses', () => {
  it('of IPv4 are plain also in IPv6 notation', () => {
    expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('::ffff:c000:201')).toBe('::ffff:c000:201');
    expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  });

  it('of loopback are this host, and those of documentation are not', () => {
    for (const address of [HOST, '127.8.9.10', '::1', '::ffff:127.0.0.1'])
      expect(isSameHost(address)).toBe(true);
    for (const address of ['192.0.2.1', '2001:db8::1', '128.0.0.1']) expect(isSameHost(address)).toBe(false);
  });
});
