/** Bytes of an upload that arrive once more after its end, because the client's path broke before they were reported. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath } from '../../../src/index.js';
import { codecNames, data, frame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { slowStorage } from '../../support/doubles/slow-storage.js';
import { serve } from '../../support/servers/serve.js';
import { dataAt, RawUdpClient } from '../../support/udp/raw-udp-client.js';
import { until } from '../../support/until.js';

const SIZE = 3_000;
const bytes = bytesOf(SIZE);

/** An upload whose bytes and end have arrived, and that waits for its storage until `store` is called. */
async function endedUpload(codec: (typeof codecNames)[number]) {
  const memory = new MemoryStorage();
  let store = (): void => undefined;
  const stored = new Promise<void>((resolve) => (store = resolve));
  let isHeld = false;
  const storage = slowStorage(() => (isHeld ? stored : Promise.resolve()), memory);
  const { server, port } = await serve({ storage, udp: true });
  const client = await RawUdpClient.open(port, codec);
  await client.upload(3, 'file');
  isHeld = true;
  for (let offset = 0; offset < SIZE; offset += 1_000)
    client.sendDatagram(client.data(3, offset, bytes.subarray(offset, offset + 1_000)));
  await until(() => server.stats().udpBytesReceived === SIZE);
  client.wire.send(frame('end', { id: 3, size: SIZE }));
  await client.wire.settle(6);
  return { client, server, store, memory };
}

describe.each(codecNames)('in %s', (codec) => {
  it('repeated bytes change nothing, in frames and in datagrams', async () => {
    const { client, store } = await endedUpload(codec);
    client.wire.send(frame('cancel', { id: client.pathId }));
    client.wire.send(dataAt(3, 0, bytes.subarray(0, 2_000)), dataAt(3, 2_000, bytes.subarray(2_000)));
    client.sendDatagram(client.data(3, 1_000, bytes.subarray(1_000, 2_000)));
    await client.wire.settle(7);
    store();
    expect(await client.wire.receive('result', { id: 3 })).toMatchObject({ size: SIZE });
    client.wire.send(dataAt(3, 0, bytes));
    await client.wire.settle(8);
  });

  it.each([
    ['bytes beyond the end, in frames', () => dataAt(3, SIZE - 1, 'xy')],
    ['bytes behind the end, in frames', () => dataAt(3, SIZE + 5, 'x')],
    ['bytes without an offset', () => data(3, 'x')],
    ['a second end', () => frame('end', { id: 3, size: SIZE })],
  ])('%s are a violation', async (_name, more) => {
    const { client, store, memory } = await endedUpload(codec);
    client.wire.send(more());
    await client.wire.settle(7);
    store();
    expect(await client.wire.receive('error', { id: 3 })).toMatchObject({ code: 'EPROTO' });
    expect(client.wire.wordsOf(3)).not.toContain('result');
    await expect(memory.stat(parseRemotePath('file'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('bytes beyond the end, in datagrams, are a violation', async () => {
    const { client, server, store } = await endedUpload(codec);
    client.sendDatagram(client.data(3, SIZE - 1, Buffer.from('xy')));
    await until(() => server.stats().udpBytesReceived === SIZE + 2);
    store();
    expect(await client.wire.receive('error', { id: 3 })).toMatchObject({ code: 'EPROTO' });
  });
});
