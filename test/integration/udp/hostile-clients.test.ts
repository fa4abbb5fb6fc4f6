/** Clients that break the rules of UDP paths, in every codec: a request or a path ends, nothing leaks, all else continues. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { FileServer } from '../../../src/index.js';
import { codecNames, data, frame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, storageOf } from '../../support/servers/serve.js';
import { dataAt, RawUdpClient, socketOn } from '../../support/udp/raw-udp-client.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

async function served(files: Record<string, Uint8Array | string> = {}) {
  const place = await serve({ storage: await storageOf(files), udp: true, timeouts: { stallMs: 2_000 } });
  return { ...place, open: (codec: (typeof codecNames)[number]) => RawUdpClient.open(place.port, codec) };
}

async function leavesNothing(server: FileServer): Promise<void> {
  await until(() => server.stats().udpPaths === 0 && server.stats().connections === 0);
}

describe.each(codecNames)('in %s', (codec) => {
  it('bytes of a file over TCP stay with it when datagrams of another file arrive between them', async () => {
    const { port, server } = await served();
    const client = await RawUdpClient.open(port, codec);
    const { wire } = client;
    await client.upload(3, 'datagrams');
    await client.upload(5, 'frames');
    const half = Buffer.alloc(1_000, 'x');
    // A data frame of which only a half has arrived.
    wire.send({ ...data(5, Buffer.concat([half, half])), payload: half, bare: true });
    const { udpBytesReceived } = server.stats();
    client.sendDatagram(client.data(3, 0, bytesOf(1_000)));
    await until(() => server.stats().udpBytesReceived === udpBytesReceived + 1_000);
    wire.send((name) => Buffer.concat([half, Buffer.from(name === 'binary' ? '' : '\n')]));
    wire.send(frame('end', { id: 5, size: 2_000 }), frame('end', { id: 3, size: 1_000 }));
    expect(await wire.receive('result', { id: 5 })).toMatchObject({ size: 2_000 });
    expect(await wire.receive('result', { id: 3 })).toMatchObject({ size: 1_000 });
  });

  it('a body with and without offsets fails, in whatever order', async () => {
    const { open } = await served();
    const { wire, upload } = boundTo(await open(codec));
    for (const id of [3, 5]) await upload(id, `file-${id}`);
    wire.send(dataAt(3, 0, 'ab'), data(3, 'cd'));
    wire.send(data(5, 'ab'), dataAt(5, 2, 'cd'));
    for (const id of [3, 5]) expect(await wire.receive('error', { id })).toMatchObject({ code: 'EPROTO' });
  });

  it('offsets of other requests, beyond the window, and of the path itself end only their request', async () => {
    const { open } = await served({ file: 'hello' });
    const client = await open(codec);
    const { wire } = client;
    const { window = 0 } = await client.upload(3, 'a');
    await client.upload(5, 'b');
    wire.send(dataAt(3, window, 'x'));
    client.sendDatagram(client.data(5, 2 ** 47, bytesOf(100)));
    wire.send(frame('open', { id: 7, op: 'download', path: 'file', window: 0 }), dataAt(7, 0, 'x'));
    expect(await wire.receive('error', { id: 3 })).toMatchObject({ code: 'EFLOOD' });
    expect(await wire.receive('error', { id: 5 })).toMatchObject({ code: 'EFLOOD' });
    expect(await wire.receive('error', { id: 7 })).toMatchObject({ code: 'EPROTO' });
    await client.upload(9, 'c');
    client.sendDatagram(client.data(9, 3, Buffer.from('lo')));
    client.sendDatagram(client.data(9, 0, Buffer.from('hel')));
    client.sendDatagram(client.data(9, 1, Buffer.from('ell')));
    wire.send(frame('end', { id: 9, size: 5 }));
    expect(await wire.receive('result', { id: 9 })).toMatchObject({ size: 5 });
    client.sendDatagram(client.data(1, 0, bytesOf(10)));
    expect(await wire.receive('error', { id: 1 })).toMatchObject({ code: 'EPROTO' });
    await wire.settle(2);
  });

  it('an empty data frame with an offset is refused by a request without offsets', async () => {
    const { open } = await served({ file: 'hello' });
    const { wire } = await open(codec);
    wire.send(frame('open', { id: 3, op: 'batch' }), dataAt(3, 0, ''));
    expect(await wire.receive('error', { id: 3 })).toMatchObject({ code: 'EPROTO' });
  });

  it('a file of which bytes are missing is refused in time, and not stored', async () => {
    const { open, server } = await served();
    const client = await open(codec);
    await client.upload(3, 'short');
    client.sendDatagram(client.data(3, 0, bytesOf(1_000)));
    client.wire.send(frame('end', { id: 3, size: 1_000_000 }));
    expect(await client.wire.receive('error', { id: 3 })).toMatchObject({ code: 'ETIMEDOUT' });
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0 });
  });

  it.each([
    ['a report of datagrams that were not sent', 'receiver-report', { resolvedTo: 1_000 }],
    ['a report of bytes that were not sent', 'receiver-report', { bytes: 10 }],
    ['gaps without a form', 'receiver-report', { gaps: '1+x' }],
    ['gaps that end nowhere', 'receiver-report', { gaps: '9007199254740991+2' }],
    ['a sender report of too many datagrams', 'sender-report', { sentTo: 2 ** 40 }],
    ['a confirmation with another token', 'confirm', { token: 1, size: 1_200 }],
  ] as const)('%s ends the path, and files continue over TCP', async (_name, type, fields) => {
    const { open, server } = await served({ file: 'hello' });
    const client = await open(codec);
    const report = { resolvedTo: 0, bytes: 0, lastArrival: 0, lastSendTime: 0, hold: 0 };
    const base = type === 'receiver-report' ? report : {};
    client.wire.send(frame(type, { id: 1, ...base, ...fields }));
    expect(await client.wire.receive('error', { id: 1 })).toMatchObject({ code: 'EPROTO' });
    expect(server.stats()).toMatchObject({ udpPaths: 0, fallbacks: 1 });
    await client.upload(3, 'frames');
    client.wire.send(data(3, 'abc'), frame('end', { id: 3, size: 3 }));
    expect(await client.wire.receive('result', { id: 3 })).toMatchObject({ size: 3 });
  });

  it('reports for a channel that is no path end its request', async () => {
    const { open } = await served();
    const client = await open(codec);
    await client.upload(3, 'a');
    client.wire.send(frame('sender-report', { id: 3, sentTo: 0 }));
    expect(await client.wire.receive('error', { id: 3 })).toMatchObject({ code: 'EPROTO' });
    expect(client.wire.wordsOf(1)).toEqual(['accept']);
  });
});

/** The methods of an object as functions. */
function boundTo(client: RawUdpClient) {
  return { wire: client.wire, upload: (id: number, name: string) => client.upload(id, name) };
}

describe('a second path of a connection', () => {
  it('is refused, also if both are opened at once', async () => {
    const { port, server } = await served();
    const before = udpPorts().length;
    const { wire } = await RawUdpClient.connect(port, 'text');
    const opened = [1, 3, 5].map((id) =>
      frame('open', { id, op: 'udp', receiveBuffer: 1, maxDatagram: 1_200 }),
    );
    wire.send(...opened);
    await wire.receive('accept', { id: 1 });
    await wire.receive('error', { id: 3, code: 'EAGAIN' });
    await wire.receive('error', { id: 5, code: 'EAGAIN' });
    expect([udpPorts().length - before, server.stats().udpPaths]).toEqual([1, 1]);
    wire.close();
    await leavesNothing(server);
    await until(() => udpPorts().length === before);
  });

  it('may follow when the first has ended, a thousand times without a leak', async () => {
    const { port, server } = await served();
    const before = udpPorts().length;
    const { wire } = await RawUdpClient.connect(port, 'binary');
    for (let id = 1; id < 2_000; id += 2) {
      wire.send(
        frame('open', { id, op: 'udp', receiveBuffer: 1, maxDatagram: 1_200 }),
        frame('cancel', { id }),
      );
      await wire.receive('error', { id });
      wire.frames.length = 0;
    }
    await until(() => server.stats().udpPaths === 0 && udpPorts().length === before);
  });
});

describe('an idle path', () => {
  it('does not delay the end of a connection whose client closes its side', async () => {
    const { server, open } = await served();
    const client = await open('text');
    const closed = once(server, 'disconnect');
    client.wire.close();
    await closed;
    await leavesNothing(server);
  });

  it('does not delay the end of a connection that opens it while it closes its side', async () => {
    const { port, server } = await served();
    const { wire } = await RawUdpClient.connect(port, 'text');
    const closed = once(server, 'disconnect');
    const startedMs = performance.now();
    wire.send(frame('open', { id: 1, op: 'udp', receiveBuffer: 1, maxDatagram: 1_200 }));
    wire.close();
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await leavesNothing(server);
  });

  it('does not delay the end of a server, and is closed with it', async () => {
    const { server, open } = await served();
    const client = await open('text');
    expect(udpPorts()).toContain(client.port);
    await server.close();
    await until(() => !udpPorts().includes(client.port));
  });
});

describe('a client that closes its side in the middle of a download', () => {
  it('gets the bytes for which it has granted credit over TCP, and frees the server', async () => {
    const { server, open } = await served({ file: bytesOf(3_000_000) });
    const client = await open('binary');
    client.wire.send(frame('open', { id: 3, op: 'download', path: 'file', window: 2_000_000 }));
    await client.wire.receive('accept', { id: 3 });
    const startedMs = performance.now();
    client.wire.close();
    await leavesNothing(server);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(client.wire.bodyOf(3).length).toBeGreaterThan(0);
  });
});

describe('a client with a receive buffer of 0 bytes', () => {
  it('gets its file', async () => {
    const { port } = await served({ file: bytesOf(1_500_000) });
    const client = await RawUdpClient.open(port, 'binary', { receiveBuffer: 0 });
    client.wire.send(frame('open', { id: 3, op: 'download', path: 'file', window: 2_000_000 }));
    await until(() => client.received.bytes > 4_000);
  });
});

describe('datagrams of strangers', () => {
  it('are not answered before they are authentic, nor from another address, nor with more bytes than arrived', async () => {
    const { port, server } = await served();
    const client = await RawUdpClient.opening(port, 'binary');
    const stranger = await socketOn('127.0.0.2');
    let answers = 0;
    stranger.on('message', () => (answers += 1));
    for (let index = 0; index < 50; index += 1) client.sendDatagram(client.hello(), stranger);
    const forged = client.hello();
    forged.writeUInt8(forged.readUInt8(30) ^ 1, 30);
    client.sendDatagram(forged);
    for (let length = 0; length < 1_200; length += 7) client.sendDatagram(client.hello().subarray(0, length));
    const answered = once(client.socket, 'message');
    const real = client.hello();
    client.sendDatagram(real);
    const [answer] = (await answered) as [Buffer];
    expect(answer.length).toBe(real.length);
    // The same number again is not answered.
    client.sendDatagram(real);
    client.wire.send(frame('ping', { token: 9 }));
    await client.wire.receive('pong', { token: 9 });
    expect([client.received.count, answers]).toEqual([1, 0]);
    expect(server.stats().udpBytesSent).toBe(0);
  });

  it('do not disturb a transfer, 200,000 of them', async () => {
    const { server, connect: client } = await served();
    const bytes = bytesOf(30_000_000);
    const files = client({ transport: 'udp' });
    await files.writeFile('small', bytes.subarray(0, 2_000_000));
    const flood = await socketOn('127.0.0.1');
    const ports = udpPorts();
    let sent = 0;
    const upload = files.writeFile('large', bytes);
    while (sent < 200_000) {
      for (let index = 0; index < 1_000; index += 1, sent += 1) {
        const port = ports[sent % ports.length]!;
        flood.send(Buffer.alloc(sent % 100, 1), port, '127.0.0.1');
      }
      await new Promise(setImmediate);
    }
    await upload;
    expect(bytes.equals(await files.readFile('large'))).toBe(true);
    expect(server.stats()).toMatchObject({ failedRequests: 0 });
  });
});
