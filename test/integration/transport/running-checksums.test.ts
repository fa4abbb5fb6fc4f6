/** The running checksums that both ends send, and what a server does with those of its client. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, FileServer, type CodecName, type FileClientOptions } from '../../../src/index.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { codecs } from '../../faults/fixtures/fast-ends.js';
import { bytesOf } from '../../support/bytes.js';
import { checksumOf, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';
import { serve, serveFiles, storageOf, temporaryDirectory } from '../../support/servers/serve.js';
import { tapped } from '../../support/servers/tapped.js';

const MIB = 1024 * 1024;
const SIZE = 5 * MIB + 4_321;
const bytes = bytesOf(SIZE);

interface Seen {
  /** The offset in the body, or in the file of an upload, with the checksum. */
  readonly checksums: [offset: number, checksum: string][];
  readonly dataFrames: FrameOf<'data'>[];
}

/** A client of a server with `file`, and the data frames between them. With `cutAt`, the connection is cut there once. */
async function watched(codec: CodecName, options: FileClientOptions = {}, cutAt = Infinity) {
  const server = new FileServer({ storage: await storageOf({ file: bytes }) });
  const seen: Seen = { checksums: [], dataFrames: [] };
  let offset = 0;
  let isCut = false;
  const connect = tapped(server, codec, (frame) => {
    if (frame.type === 'open') offset = 0;
    if (frame.type === 'accept' && frame.window !== undefined) offset = frame.offset ?? offset;
    if (frame.type !== 'data') return false;
    seen.dataFrames.push(frame);
    if (frame.checksum !== undefined) seen.checksums.push([offset, frame.checksum]);
    offset += frame.length;
    const cuts = !isCut && offset > cutAt;
    isCut ||= cuts;
    return cuts;
  });
  const client = new FileClient({ connect, codec, reconnect: { minDelayMs: 1 }, ...options });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  return { client, seen };
}

function expectEachMib({ checksums }: Seen, last = 5): void {
  expect(checksums.map(([offset]) => offset)).toEqual(
    [1, 2, 3, 4, 5].slice(0, last).map((count) => count * MIB),
  );
  for (const [offset, checksum] of checksums)
    expect(checksum, `at ${offset}`).toBe(checksumOf(bytes.subarray(0, offset)));
}

describe.each(codecs)('a body in the codec %s carries a checksum with each MiB', (codec) => {
  it('of a download', async () => {
    const { client, seen } = await watched(codec);
    await client.readFile('file');
    // The result follows the last chunk.
    expectEachMib(seen, 4);
  });

  it('of bytes in memory', async () => {
    const { client, seen } = await watched(codec);
    await client.writeFile('new', bytes);
    expectEachMib(seen);
  });

  it('of a stream of pieces of any size', async () => {
    const { client, seen } = await watched(codec);
    const upload = client.upload('new');
    for (let at = 0; at < SIZE; at += 333_333) upload.write(bytes.subarray(at, at + 333_333));
    upload.end();
    await finished(upload);
    expectEachMib(seen);
  });

  it('of a local file', async () => {
    const { client, seen } = await watched(codec);
    const local = path.join(await temporaryDirectory(), 'file');
    await fs.writeFile(local, bytes);
    await client.uploadFile(local, 'new');
    expectEachMib(seen);
  });

  it('of an upload that was resumed, from byte 0 of the file', async () => {
    const { client, seen } = await watched(codec, {}, 3 * MIB + 100_000);
    const upload = client.upload('new');
    upload.end(bytes);
    await finished(upload);
    const offsets = new Set(seen.checksums.map(([offset]) => offset));
    expect([...offsets].sort((one, other) => one - other)).toEqual(
      [1, 2, 3, 4, 5].map((count) => count * MIB),
    );
    for (const [offset, checksum] of seen.checksums)
      expect(checksum, `at ${offset}`).toBe(checksumOf(bytes.subarray(0, offset)));
    expect(Buffer.from(await client.readFile('new')).equals(bytes)).toBe(true);
  });
});

it.each(['sha256', 'none'] as const)('no data frame carries one if the algorithm is %s', async (checksum) => {
  const { client, seen } = await watched('text', { checksum });
  await client.readFile('file');
  await client.writeFile('new', bytes);
  expect(seen.dataFrames.length).toBeGreaterThan(10);
  expect(seen.checksums).toEqual([]);
});

describe('a server', () => {
  const beginning = bytes.subarray(0, 100_000);
  const next = 'data id=1 length=1 checksum=';

  async function begun(fields = 'path=new') {
    const place = await serveFiles();
    const { upload } = await UploadWire.opened(place.port, fields);
    upload.data(beginning);
    return { ...place, upload };
  }

  it('compares the running checksum of an upload', async () => {
    const { upload } = await begun();
    upload.wire.send(`${next}${checksumOf(beginning)}\n`);
    upload.wire.send(Buffer.concat([bytes.subarray(100_000, 100_001), Buffer.from('\n')]));
    upload.end(bytes.subarray(0, 100_001));
    expect(await upload.answer()).toMatch(/^result id=1 path=new kind=file size=100001 /);
  });

  it.each([
    ['EBADMSG', 'crc32:00000000'],
    ['EPROTO', 'sha256:00'],
    ['EPROTO', 'xyz'],
  ])('answers %s on the channel to the checksum %s, and stores nothing', async (code, checksum) => {
    const { upload, connect, server } = await begun();
    upload.wire.send(`${next}${checksum}\nx\n`);
    expect(await upload.answer()).toMatch(
      new RegExp(`^error code=${code} id=1 .*retryable=${code === 'EBADMSG'}`),
    );
    // What is on its way is ignored, and the connection serves others.
    upload.wire.send(`data id=1 length=1\nx\nopen id=3 op=stat path=new\n`);
    expect(await upload.answer()).toMatch(/^error code=ENOENT id=3 /);
    await expect(connect().stat('new')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(server.stats().activeRequests).toBe(0);
  });

  it('compares a running checksum in front of the end, although no byte follows', async () => {
    const { port } = await serveFiles();
    const { upload } = await UploadWire.opened(port, 'path=new');
    upload.data(bytes.subarray(0, 600_000));
    // The bytes have been stored.
    expect(await upload.wire.line()).toMatch(/^ack id=1 offset=[1-9]/);
    upload.wire.send('data id=1 length=0 checksum=crc32:00000000\n\n');
    upload.wire.send('end id=1 size=600000\n');
    expect(await upload.answer()).toMatch(/^error code=EBADMSG id=1 /);
  });

  it('compares the running checksum of a small upload', async () => {
    const { port } = await serveFiles();
    const { upload } = await UploadWire.opened(port, 'path=new size=3');
    upload.wire.send(
      'data id=1 length=2\nab\ndata id=1 length=1 checksum=crc32:00000000\nc\nend id=1 size=3\n',
    );
    expect(await upload.answer()).toMatch(/^error code=EBADMSG id=1 /);
  });

  it('compares the bytes of a suspended upload, before it takes others', async () => {
    const place = await serve({ root: await temporaryDirectory() });
    await UploadWire.interrupted(place, beginning, 'path=new');
    const { upload, answer } = await UploadWire.opened(place.port, 'path=new offset=0');
    expect(offsetOf(answer)).toBe(100_000);
    upload.wire.send(`${next}${checksumOf(bytes.subarray(1, 100_001))}\nx\n`);
    expect(await upload.answer()).toMatch(/^error code=EBADMSG id=1 /);
    const again = await UploadWire.opened(place.port, 'path=new offset=0');
    expect(offsetOf(again.answer)).toBe(0);
  });

  it('does not keep the checksums of frames of one byte', async () => {
    const { upload } = await begun();
    // The first one counts; those within the next 64 KiB do not, whatever they say.
    upload.wire.send(`${next}${checksumOf(beginning)}\nx\n`);
    upload.wire.send(`${next}crc32:00000000\nx\n`.repeat(10_000));
    const all = Buffer.concat([beginning, Buffer.from('x'.repeat(10_001))]);
    upload.end(all);
    expect(await upload.answer()).toMatch(/^result id=1 path=new kind=file size=110001 /);
  });
});
