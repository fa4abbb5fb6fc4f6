/** Bodies of batches that break rules, and batches that end early, over a real socket in each codec. */
import { describe, expect, it } from 'vitest';
import { builtinCodecs, type CodecName } from '../../../../src/codecs/builtin.js';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage, parseRemotePath } from '../../../../src/index.js';
import { withCheck } from '../../../../src/protocol/frame-check.js';
import type { Frame, FrameOf } from '../../../../src/protocol/frames.js';
import { codecNames, FrameWire } from '../../../support/frames/frame-wire.js';
import { HeldStorage } from '../../../support/doubles/held-storage.js';
import { serve } from '../../../support/servers/serve.js';

type Item = Frame | Uint8Array;

const upload = (id: number, size: number, path = `f${id}`): FrameOf<'open'> => ({
  type: 'open',
  id,
  op: 'upload',
  path,
  size,
});
const download = (id: number, path = 'a'): FrameOf<'open'> => ({ type: 'open', id, op: 'download', path });
const data = (id: number, length: number): FrameOf<'data'> => ({ type: 'data', id, length });

/** The bytes of a body: a payload stands behind its header. */
function bodyOf(codec: CodecName, items: readonly Item[]): Buffer {
  const { payloadTrailer } = builtinCodecs[codec];
  return Buffer.concat(
    items.flatMap((item) => ('type' in item ? [builtinCodecs[codec].encode(item)] : [item, payloadTrailer])),
  );
}

interface Started {
  readonly wire: FrameWire;
  readonly storage: MemoryStorage;
}

async function started(codec: CodecName): Promise<Started> {
  const storage = new MemoryStorage();
  await put(storage, 'a', 'text');
  const { port } = await serve({ storage });
  const { wire } = await FrameWire.open(port, codec);
  wire.send({ type: 'open', id: 1, op: 'batch' });
  expect(await wire.next()).toMatchObject({ type: 'accept', checksum: 'crc32' });
  return { wire, storage };
}

/** Sends a body with its end. Resolves with the terminal frame. */
async function sent({ wire }: Started, body: Buffer): Promise<unknown> {
  wire.data(1, body);
  wire.send({ type: 'end', id: 1, size: body.length });
  return terminal(wire);
}

async function terminal(wire: FrameWire): Promise<unknown> {
  for (;;) {
    const frame = await wire.next();
    if (frame?.type !== 'data') return frame;
  }
}

/** What a terminal frame says. */
function essence(frame: unknown): Record<string, unknown> {
  const { type, code, count } = frame as Record<string, unknown>;
  return type === 'error' ? { type, code } : { type, count };
}

const three = Buffer.from('abc');

const breaches: Record<string, readonly Item[]> = {
  'an id that is repeated': [download(1), download(1)],
  'an id that is skipped': [download(1), download(3)],
  'fewer bytes than announced': [download(1), upload(2, 4), data(2, 3), three],
  'more bytes than announced': [download(1), upload(2, 2), data(2, 3), three],
  'bytes of another request': [download(1), upload(2, 3), data(1, 3), three],
  'bytes without an upload': [download(1), data(1, 3), three],
  'no bytes for an upload': [download(1), upload(2, 3), download(3)],
  'no bytes at its end': [download(1), upload(2, 3)],
  'an answer': [download(1), { type: 'result', id: 1 }],
  'a frame of a connection': [download(1), { type: 'ping', token: 1 }],
};

describe.each(codecNames)('a batch in %s', (codec) => {
  it.each(Object.entries(breaches))('that begins with %s is EPROTO, and stores nothing', async (_, items) => {
    const place = await started(codec);
    const outcome = await sent(place, bodyOf(codec, items));
    // If the system has split the bytes, the first request was carried out.
    expect([
      { type: 'error', code: 'EPROTO' },
      { type: 'result', count: 1 },
    ]).toContainEqual(essence(outcome));
    await expect(place.storage.stat(parseRemotePath('f2'))).rejects.toMatchObject({ code: 'ENOENT' });
    place.wire.send({ type: 'ping', token: 1 });
    expect(await place.wire.next()).toEqual({ type: 'pong', token: 1 });
  });

  it.each(Object.entries(breaches))(
    'that continues with %s ends with its count',
    async (_name, [first, ...rest]) => {
      const place = await started(codec);
      place.wire.data(1, bodyOf(codec, [first ?? download(1)]));
      expect(await place.wire.next()).toMatchObject({ type: 'data' });
      const wrong = bodyOf(codec, rest);
      place.wire.data(1, wrong);
      place.wire.send({ type: 'end', id: 1, size: 1 });
      expect(essence(await terminal(place.wire))).toEqual({ type: 'result', count: 1 });
      await expect(place.storage.stat(parseRemotePath('f2'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('with a file of more than 65,536 bytes is EMSGSIZE', async () => {
    const place = await started(codec);
    place.wire.data(1, bodyOf(codec, [upload(1, 65_537), data(1, 65_537)]));
    expect(essence(await terminal(place.wire))).toEqual({ type: 'error', code: 'EMSGSIZE' });
  });

  it('answers paths that leave the root, or are reserved, with an error each', async () => {
    const place = await started(codec);
    const paths = ['../a', '/a', 'a//b', '.', 'x'.repeat(256), ''];
    const body = bodyOf(
      codec,
      paths.map((path, index) => download(index + 1, path)),
    );
    expect(await sent(place, body)).toMatchObject({ type: 'result', count: paths.length });
  });

  it('that is cancelled before its first request ends with ECANCELED, and later with its count', async () => {
    const first = await started(codec);
    first.wire.send({ type: 'cancel', id: 1 });
    expect(await terminal(first.wire)).toMatchObject({ type: 'error', code: 'ECANCELED' });
    const second = await started(codec);
    second.wire.data(1, bodyOf(codec, [upload(1, 3), data(1, 3), three]));
    expect(await second.wire.next()).toMatchObject({ type: 'data' });
    second.wire.send({ type: 'cancel', id: 1 });
    const result = await terminal(second.wire);
    expect(result).toMatchObject({ type: 'result', count: 1 });
    expect(result).not.toHaveProperty('bytes');
    expect(await second.storage.stat(parseRemotePath('f1'))).toMatchObject({ size: 3 });
  });

  it('skips frames of later versions in its body', async () => {
    const place = await started(codec);
    const later = {
      text: 'later id=1 length=3\nabc\n',
      json: '{"type":"later","id":1,"length":3}\nabc\n',
      xml: '<later id="1" length="3"/>\nabc\n',
      binary: undefined,
    }[codec];
    if (later === undefined) return;
    const body = Buffer.concat([Buffer.from(later), bodyOf(codec, [download(1)])]);
    expect(await sent(place, body)).toMatchObject({
      type: 'result',
      count: 1,
      checksum: expect.any(String) as unknown,
    });
  });

  it('waits for the end of its running requests when its connection is lost', async () => {
    const held = new HeldStorage();
    const served = await serve({ storage: held.storage });
    const call = held.hold('commit');
    const { wire } = await FrameWire.open(served.port, codec);
    wire.send({ type: 'open', id: 1, op: 'batch' });
    expect(await wire.next()).toMatchObject({ type: 'accept' });
    wire.data(1, bodyOf(codec, [upload(1, 3), data(1, 3), three]));
    await call.changed;
    const ended = new Promise((resolve) => served.server.once('requestEnd', resolve));
    wire.cut();
    call.release();
    expect(await ended).toMatchObject({ operation: 'batch' });
    expect(await held.memory.stat(parseRemotePath('f1'))).toMatchObject({ size: 3 });
  });
});

describe.each(codecNames.filter((name) => name !== 'binary'))('a batch with checks in %s', (codec) => {
  it.each([
    ['a wrong check', { ...download(2), check: 1 }],
    ['no check', download(2)],
  ])('ends at a header with %s', async (_name, header) => {
    const place = await started(codec);
    const result = await sent(place, bodyOf(codec, [withCheck(download(1)), header]));
    expect([
      { type: 'error', code: 'EBADMSG' },
      { type: 'result', count: 1 },
    ]).toContainEqual(essence(result));
  });

  it('carries out requests with right checks', async () => {
    const place = await started(codec);
    const items = [withCheck(upload(1, 3)), withCheck(data(1, 3)), three, withCheck(download(2, 'f9'))];
    expect(await sent(place, bodyOf(codec, items))).toMatchObject({ type: 'result', count: 2 });
  });
});
