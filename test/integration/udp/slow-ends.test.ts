/** Ends that stop taking bytes of a transfer over UDP: memory stays bounded, others go on, and the transfer ends or continues. */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { MemoryStorage, type FileServerOptions, type TransferError } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { codecNames, frame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { slowStorage } from '../../support/doubles/slow-storage.js';
import { usedBytes } from '../../support/heap.js';
import { serve } from '../../support/servers/serve.js';
import { RawUdpClient } from '../../support/udp/raw-udp-client.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;
const LARGE = bytesOf(64 * MIB);
const bytes = bytesOf(2_000_000);
const STALL_MS = 1_000;
const udp = { transport: 'udp' } as const;

/** Pieces, windows and buffers of a transfer that has stopped. */
const MAX_BYTES = 24 * MIB;

async function serveLarge(options: FileServerOptions = {}) {
  const storage = new MemoryStorage();
  await put(storage, 'large', LARGE);
  return serve({ storage, udp: true, timeouts: { stallMs: STALL_MS }, ...options });
}

it('a download whose program stops reading holds one window, ends with ETIMEDOUT, and continues when it reads', async () => {
  const { server, connect } = await serveLarge();
  const client = connect(udp);
  await client.writeFile('other', bytes);
  const before = await usedBytes();
  const download = client.download('large');
  const pieces: Buffer[] = [];
  const [ended] = (await (async () => {
    const end = once(server, 'requestEnd');
    const iterator = download[Symbol.asyncIterator]();
    pieces.push((await iterator.next()).value as Buffer);
    // Another transfer of the connection, and one of another client.
    expect(bytes.equals(await client.readFile('other'))).toBe(true);
    expect(bytes.equals(await connect(udp).readFile('other'))).toBe(true);
    return end;
  })()) as [unknown];
  expect(ended).toBeDefined();
  await until(() => server.stats().failedRequests === 1);
  // Both ends are in this process.
  expect((await usedBytes()) - before).toBeLessThan(40 * MIB + MAX_BYTES);
  for await (const piece of download) pieces.push(piece as Buffer);
  expect(Buffer.concat(pieces).equals(LARGE)).toBe(true);
  expect(client.stats()).toMatchObject({ fallbacks: 0 });
});

it.each(codecNames)('a download that is never acknowledged ends with ETIMEDOUT, in %s', async (codec) => {
  const { server, port, connect } = await serveLarge();
  const client = await RawUdpClient.open(port, codec);
  const before = await usedBytes();
  const ended = once(server, 'requestEnd') as Promise<[{ error: TransferError }]>;
  client.wire.send(frame('open', { id: 3, op: 'download', path: 'large', window: MIB }));
  const [{ error }] = await ended;
  expect(error.code).toBe('ETIMEDOUT');
  expect(await client.wire.receive('error', { id: 3 })).toMatchObject({ code: 'ETIMEDOUT' });
  expect((await usedBytes()) - before).toBeLessThan(MAX_BYTES);
  const other = connect(udp);
  await other.writeFile('other', bytes);
  expect(bytes.equals(await other.readFile('other'))).toBe(true);
});

it('an upload to a disk that does not take it holds one window, and others go on', async () => {
  const memory = new MemoryStorage();
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  let isSlow = true;
  const storage = slowStorage(() => (isSlow ? gate : Promise.resolve()), memory);
  const slow = await serve({ storage, udp: true, timeouts: { stallMs: STALL_MS } });
  const before = await usedBytes();
  const upload = slow.connect(udp).writeFile('large', LARGE);
  // The request waits for its storage, then with a full window.
  await until(() => slow.server.stats().activeRequests === 1);
  await new Promise((resolve) => setTimeout(resolve, 2 * STALL_MS));
  const { udpBytesReceived } = slow.server.stats();
  expect(udpBytesReceived).toBeLessThan(18 * MIB);
  expect((await usedBytes()) - before).toBeLessThan(18 * MIB + MAX_BYTES);
  isSlow = false;
  const other = slow.connect(udp);
  await other.writeFile('other', bytes);
  expect(bytes.equals(await other.readFile('other'))).toBe(true);
  open();
  expect(await upload).toMatchObject({ size: LARGE.length });
  expect(LARGE.equals(await other.readFile('large'))).toBe(true);
});
