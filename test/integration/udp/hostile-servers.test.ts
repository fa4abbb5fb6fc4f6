/** Servers that break the rules of UDP paths, in every codec: no wrong or half file, a code or a fallback in time, bounded memory. */
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, TransferError, type FileClientOptions } from '../../../src/index.js';
import { codecNames, data, frame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { usedBytes } from '../../support/heap.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { RawUdpServer } from '../../support/udp/raw-udp-server.js';
import { socketOn } from '../../support/udp/raw-udp-client.js';
import { udpPorts } from '../../support/udp/udp-ports.js';
import { until } from '../../support/until.js';

type CodecName = (typeof codecNames)[number];

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);
const PIECE = 1_000;
const MIB = 1024 * 1024;

/** A client of a server; its path is accepted as soon as it asks. */
async function scene(codec: CodecName, options: { address?: string; client?: FileClientOptions } = {}) {
  const server = await RawUdpServer.listen(codec, options.address);
  const at = { host: options.address ?? '127.0.0.1', port: server.port };
  const client = new FileClient({ ...at, codec, transport: 'udp', reconnect: false, ...options.client });
  onTestFinished(() => client.destroy());
  return { server, client };
}

/** A download to a local file that has been accepted, with its directory. */
async function downloading(codec: CodecName) {
  const { server, client } = await scene(codec);
  const directory = await temporaryDirectory();
  const download = client.downloadFile('file', path.join(directory, 'file'));
  download.catch(() => undefined);
  await server.acceptPath();
  const open = await server.request('download');
  server.acceptDownload(open, SIZE);
  return { server, client, download, open, directory };
}

/** The code with which a download has failed; the file must not be there. */
async function failure(download: Promise<unknown>, directory: string): Promise<string | undefined> {
  const error: unknown = await download.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(await readdir(directory)).not.toContain('file');
  return error instanceof TransferError ? error.code : String(error);
}

/** Sends a body in datagrams, without those that cover these offsets. */
async function sendBody(server: RawUdpServer, id: number, body: Buffer): Promise<void> {
  for (let offset = 0; offset < body.length; offset += PIECE) {
    await server.sendDatagram(server.data(id, offset, body.subarray(offset, offset + PIECE)));
    // What the system drops is not sent again by this server.
    if (offset % (64 * PIECE) === 0) await new Promise(setImmediate);
  }
}

function resultOf(id: number, body: Buffer) {
  const checksum = `crc32:${crc32(body).toString(16).padStart(8, '0')}`;
  return frame('result', { id, bytes: body.length, checksum });
}

describe.each(codecNames)('in %s', (codec) => {
  it.each([
    ['far beyond the window', 2 ** 48 - 9, 'EFLOOD'],
    ['beyond the size of the file, in order', SIZE - 1, 'EPROTO'],
  ])('a byte %s fails the download, and leaves no file', async (_name, offset, code) => {
    const { server, download, open, directory } = await downloading(codec);
    if (offset < SIZE) await sendBody(server, open.id, bytes.subarray(0, offset));
    // It would end beyond the largest offset, and is dropped.
    await server.sendDatagram(server.data(open.id, 2 ** 48 - 8, Buffer.from('nowhere!')));
    await server.sendDatagram(server.data(open.id, offset, Buffer.from('too much')));
    expect(await failure(download, directory)).toBe(code);
  });

  it('bytes that arrive twice with another content never make another file', async () => {
    const { server, download, open, directory } = await downloading(codec);
    const other = bytesOf(PIECE, 99);
    // Before and behind the place up to which all bytes have arrived.
    await server.sendDatagram(server.data(open.id, 0, bytes.subarray(0, PIECE)));
    await server.sendDatagram(server.data(open.id, 0, other));
    for (const content of [bytes.subarray(5_000, 6_000), other, other.subarray(1)])
      await server.sendDatagram(server.data(open.id, 5_000, content));
    for (let offset = PIECE; offset < SIZE; offset += PIECE) {
      if (offset === 5_000) continue;
      await server.sendDatagram(server.data(open.id, offset, bytes.subarray(offset, offset + PIECE)));
      if (offset % (64 * PIECE) === 0) await new Promise(setImmediate);
    }
    server.wire.send(resultOf(open.id, bytes));
    expect(await failure(download, directory)).toBe('EBADMSG');
  });

  it('truncated and forged datagrams, and those after the end, change nothing', async () => {
    const { server, client, download, open, directory } = await downloading(codec);
    const good = server.data(open.id, 0, bytes.subarray(0, PIECE));
    for (let length = 0; length < good.length; length += 13)
      await server.sendDatagram(good.subarray(0, length));
    for (let at = 0; at < 36; at += 1) {
      const forged = Buffer.from(server.data(open.id, 0, bytesOf(PIECE, 2)));
      // Not number, channel, offset and time: in clear they are the server's to choose.
      if (at >= 8 && at < 28) continue;
      forged.writeUInt8(forged.readUInt8(at) ^ 0x40, at);
      await server.sendDatagram(forged);
    }
    await sendBody(server, open.id, bytes);
    server.wire.send(resultOf(open.id, bytes));
    expect(await download).toMatchObject({ size: SIZE });
    for (const offset of [0, SIZE, 2 ** 47])
      await server.sendDatagram(server.data(open.id, offset, bytes.subarray(0, PIECE)));
    await server.sendDatagram(server.data(2 ** 32 - 1, 0, bytes.subarray(0, PIECE)));
    expect(await readdir(directory)).toEqual(['file']);
    await server.wire.settle(5);
    expect(client.stats()).toMatchObject({ retries: 0, fallbacks: 0 });
  });

  it.each([
    ['datagrams that were never sent', 'receiver-report', { resolvedTo: 2 ** 40 }],
    ['bytes that were never sent', 'receiver-report', { bytes: 2 ** 50 }],
    ['gaps without an end', 'receiver-report', { gaps: '9007199254740991+2' }],
    ['more datagrams than a sender may have under way', 'sender-report', { sentTo: 2 ** 40 }],
    ['an address, as only a client does', 'confirm', { token: 1, size: 1_200 }],
  ] as const)('reports of %s end the path, and the file moves over TCP', async (_name, type, fields) => {
    const { server, client } = await scene(codec);
    const fallback = once(client, 'fallback');
    const upload = client.writeFile('file', bytes);
    await server.acceptPath();
    const { id } = await server.request('upload');
    const report = { resolvedTo: 0, bytes: 0, lastArrival: 0, lastSendTime: 0, hold: 0 };
    const base = type === 'receiver-report' ? report : {};
    server.wire.send(frame(type, { id: server.pathId, ...base, ...fields }));
    if (type === 'confirm') return expect(upload).rejects.toMatchObject({ code: 'EPROTO' });
    await server.wire.receive('cancel', { id: server.pathId });
    server.wire.send(frame('error', { id: server.pathId, code: 'ECANCELED', message: 'as asked' }));
    await fallback;
    server.wire.send(frame('accept', { id, path: 'file', window: 2_000_000, checksum: 'crc32' }));
    await server.wire.receive('end', { id });
    expect(server.wire.bodyOf(id).equals(bytes)).toBe(true);
    const entry = { id, path: 'file', kind: 'file', size: SIZE, mtime: 1, etag: 'v1' };
    server.wire.send(frame('result', { ...entry, bytes: SIZE, checksum: resultOf(id, bytes).fields[2]![1] }));
    expect(await upload).toMatchObject({ size: SIZE });
  });

  it('storms of reports cost no memory, and other requests are answered', async () => {
    const { server, client, download, open, directory } = await downloading(codec);
    const before = await usedBytes();
    const idle = { resolvedTo: 0, bytes: 0, lastArrival: 0, lastSendTime: 0, hold: 0 };
    for (let round = 0; round < 100; round += 1) {
      const storm = Array.from({ length: 200 }, (_, at) =>
        at % 2 === 0
          ? frame('receiver-report', { id: server.pathId, ...idle, minDelay: -(2 ** 31) })
          : frame('sender-report', { id: server.pathId, sentTo: at * 300 }),
      );
      server.wire.send(...storm);
      await server.wire.settle(round + 10);
      server.wire.frames.length = 0;
    }
    expect((await usedBytes()) - before).toBeLessThan(16 * MIB);
    expect(client.stats()).toMatchObject({ fallbacks: 0 });
    // They have told of lost datagrams, which this server sends again under later numbers.
    server.skipNumbers(65_536);
    await sendBody(server, open.id, bytes);
    server.wire.send(resultOf(open.id, bytes));
    await download;
    expect(await readdir(directory)).toEqual(['file']);
  });
});

describe('the datagrams of a client', () => {
  it('go to the address of the connection only, and nothing but HELLOs to a port that does not answer', async () => {
    const { server, client } = await scene('text', { address: '127.0.0.2' });
    server.token = undefined;
    const { port } = server.socket.address();
    const third = await socketOn('127.0.0.3', port);
    const heard: Buffer[] = [];
    third.on('message', (datagram) => heard.push(datagram));
    const fallback = once(client, 'fallback');
    const startedMs = performance.now();
    const upload = client.writeFile('file', bytes);
    await server.acceptPath({ host: '127.0.0.3', address: '127.0.0.3', path: '127.0.0.3' });
    expect(await fallback).toEqual([{ reason: 'The server does not answer UDP datagrams.' }]);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    const { id } = await server.wire.receive('open', { op: 'upload' });
    server.wire.send(frame('accept', { id, path: 'file', window: 2_000_000, checksum: 'crc32' }));
    await server.wire.receiveBytes(id, SIZE);
    expect(server.received.hellos).toBeLessThanOrEqual(12);
    expect(server.received.data).toBe(0);
    expect(heard).toEqual([]);
    client.destroy();
    await expect(upload).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('do not follow an answer from another address, although it has the secret', async () => {
    const { server, client } = await scene('binary', { address: '127.0.0.2' });
    const third = await socketOn('127.0.0.3');
    let heard = 0;
    third.on('message', () => (heard += 1));
    server.answersFrom = third;
    const fallback = once(client, 'fallback');
    const download = client.readFile('file');
    await server.acceptPath();
    await fallback;
    const open = await server.wire.receive('open', { op: 'download' });
    server.acceptDownload(open, 4);
    server.wire.send(data(open.id, 'over'), resultOf(open.id, Buffer.from('over')));
    expect(String(await download)).toBe('over');
    expect([heard, server.wire.frames.some(({ type }) => type === 'confirm')]).toEqual([0, false]);
  });

  it('are few when each answer claims another address of the client', async () => {
    const { server, download } = await downloading('binary');
    const startedMs = performance.now();
    const { hellos } = server.received;
    // Such an answer ends a probe at once.
    server.smallestAnswered = 61_000;
    for (let round = 0; round < 2_000; round += 1) {
      server.token = round + 2;
      await server.answer(round, 1_200);
      if (round % 10 === 0) await server.wire.settle(round + 10);
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    const confirmations = server.wire.frames.filter(({ type }) => type === 'confirm').length;
    // Four probes a second, with nine HELLOs each.
    expect(confirmations).toBeLessThan(4 * seconds + 3);
    expect(server.received.hellos - hellos).toBeLessThan(9 * (4 * seconds + 3));
    server.tcp.destroy();
    await expect(download).rejects.toBeInstanceOf(TransferError);
  });
});

describe('a path that a server never ends', () => {
  it('does not keep a client that is closed, nor its socket', async () => {
    const before = udpPorts().length;
    const { server, client, download } = await downloading('text');
    expect(udpPorts().length).toBe(before + 2);
    client.destroy();
    await expect(download).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await until(() => udpPorts().length === before + 1);
    await server.sendDatagram(server.data(3, 0, bytes.subarray(0, PIECE)));
  });
});

describe('a window that a server fills with single bytes', () => {
  it('costs at most its own size', async () => {
    const { server, download, open } = await downloading('binary');
    const { window = 0 } = open;
    const before = await usedBytes();
    const blocks = Math.floor(window / 65_536) - 1;
    for (let block = blocks; block > 0; block -= 1) {
      await server.sendDatagram(server.data(open.id, block * 65_536, Buffer.from('x')));
      if (block % 32 === 0) await server.wire.settle(block + 10);
    }
    await server.wire.settle(1_000_000);
    const used = (await usedBytes()) - before;
    expect(window).toBeLessThan(40 * MIB);
    expect(used).toBeLessThan(window + 8 * MIB);
    server.tcp.destroy();
    await expect(download).rejects.toBeInstanceOf(TransferError);
  });
});
