/** Answers to a batch that no server may send: they fail the batch, and nothing of them is used. */
import { duplexPair } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextOf } from '../../../src/client/base-client.js';
import { downloadBatch } from '../../../src/client/batches/download-batch.js';
import { uploadBatch } from '../../../src/client/batches/upload-batch.js';
import { builtinCodecs, type CodecName } from '../../../src/codecs/builtin.js';
import { FileClient } from '../../../src/index.js';
import type { Frame, FrameOf } from '../../../src/protocol/frames.js';
import { codecNames, data, frame } from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../../support/frames/loose-wire.js';

type Item = Frame | Uint8Array;

const sumOf = (bytes: Uint8Array): string => `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
const ABC = Buffer.from('abc');
const result = (id: number, fields: Partial<FrameOf<'result'>> = {}): FrameOf<'result'> => ({
  type: 'result',
  id,
  kind: 'file',
  size: 3,
  mtime: 1,
  ...fields,
});
const header = (id: number, length = 3): FrameOf<'data'> => ({ type: 'data', id, length });
const right = [header(1), ABC, result(1), header(2), ABC, result(2)];

function bodyOf(codec: CodecName, items: readonly Item[]): Buffer {
  const { payloadTrailer } = builtinCodecs[codec];
  return Buffer.concat(
    items.flatMap((item) => ('type' in item ? [builtinCodecs[codec].encode(item)] : [item, payloadTrailer])),
  );
}

interface Asked {
  readonly wire: LooseWire;
  readonly outcomes: Promise<unknown>;
}

/** A client that asks for the files `x` and `y` of 3 bytes, or sends them. */
async function asked(codec: CodecName, operation: 'download' | 'upload'): Promise<Asked> {
  const [near, far] = duplexPair();
  const client = new FileClient({ codec, connect: () => near, reconnect: false });
  onTestFinished(() => client.destroy());
  const wire = new LooseWire(far, codec);
  wire.send(frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 }));
  const files = ['x', 'y'].map((path) => ({ path, bytes: ABC, maxBytes: 3 }));
  const sending =
    operation === 'download'
      ? downloadBatch(contextOf(client), files)
      : uploadBatch(contextOf(client), files);
  const outcomes = sending.then((all) => all.map((each) => (each.error ? each.error.code : each.entry.size)));
  outcomes.catch(() => undefined);
  await wire.receive('open');
  return { wire, outcomes };
}

function answer(wire: LooseWire, body: Buffer, fields: Record<string, string | number> = {}): void {
  wire.send(
    frame('accept', { id: 1, checksum: 'crc32', window: 65_536 }),
    data(1, body),
    frame('result', { id: 1, count: 2, bytes: body.length, checksum: sumOf(body), ...fields }),
  );
}

const lies: Record<string, readonly Item[]> = {
  'in another order': [header(2), ABC, result(2), header(1), ABC, result(1)],
  'of which one is missing': [header(1), ABC, result(1)],
  'of which one comes twice': [...right, result(3)],
  'with more bytes than were asked for': [header(1, 4), Buffer.from('abcd'), result(1, { size: 4 })],
  'with fewer bytes than their size': [header(1), ABC, result(1, { size: 4 }), header(2), ABC, result(2)],
  'with bytes that come twice': [header(1), ABC, header(1), ABC, result(1)],
  'that end in the middle of a file': [header(1), ABC, result(1), header(2)],
  'that are requests': [{ type: 'open', id: 1, op: 'download', path: 'x' }],
  'with a code that is none': [{ type: 'error', code: '', id: 1 }],
};

describe.each(codecNames)('answers to a batch in %s', (codec) => {
  it('are used if they are right', async () => {
    const { wire, outcomes } = await asked(codec, 'download');
    answer(wire, bodyOf(codec, right));
    expect(await outcomes).toEqual([3, 3]);
  });

  it.each(Object.entries(lies))('%s fail all files with EPROTO', async (_name, items) => {
    const { wire, outcomes } = await asked(codec, 'download');
    answer(wire, bodyOf(codec, items));
    expect(await outcomes).toEqual(['EPROTO', 'EPROTO']);
  });

  it('with another checksum fail all files with EBADMSG', async () => {
    const { wire, outcomes } = await asked(codec, 'download');
    answer(wire, bodyOf(codec, right), { checksum: 'crc32:00000000' });
    expect(await outcomes).toEqual(['EBADMSG', 'EBADMSG']);
  });

  it('that say that more requests were carried out than there are fail all files', async () => {
    const { wire, outcomes } = await asked(codec, 'download');
    answer(wire, bodyOf(codec, right), { count: 3 });
    expect(await outcomes).toEqual(['EPROTO', 'EPROTO']);
  });

  it('without an entry fail their file only', async () => {
    const { wire, outcomes } = await asked(codec, 'download');
    const { mtime: _mtime, ...timeless } = result(1);
    answer(wire, bodyOf(codec, [header(1), ABC, timeless, header(2), ABC, result(2)]));
    expect(await outcomes).toEqual(['EPROTO', 3]);
  });

  it('that none was carried out end the batch', async () => {
    const { wire, outcomes } = await asked(codec, 'download');
    answer(wire, Buffer.alloc(0), { count: 0 });
    expect(await outcomes).toEqual(['EIO', 'EIO']);
  });

  it('to uploads must have the size that was sent', async () => {
    const { wire, outcomes } = await asked(codec, 'upload');
    answer(wire, bodyOf(codec, [result(1, { size: 4 }), result(2)]));
    expect(await outcomes).toEqual(['EBADMSG', 3]);
  });

  it('to uploads must have no bytes', async () => {
    const { wire, outcomes } = await asked(codec, 'upload');
    answer(wire, bodyOf(codec, [header(1), ABC, result(1), result(2)]));
    // The files may be stored, so that the client looks for them.
    wire.send(frame('error', { id: 3, code: 'EIO' }), frame('error', { id: 5, code: 'EIO' }));
    await wire.receive('open', { op: 'stat', path: 'x' });
    wire.close();
    expect(await outcomes).toEqual(['EPROTO', 'EPROTO']);
  });

  it('that a server knows no batches lead to one request for each file', async () => {
    const { wire, outcomes } = await asked(codec, 'upload');
    wire.send(frame('error', { id: 1, code: 'ENOTSUP' }));
    for (const [path, id] of [
      ['x', 3],
      ['y', 5],
    ] as const) {
      await wire.receive('open', { op: 'upload', path });
      const entry = { path, kind: 'file', size: 3, mtime: 1 };
      wire.send(frame('result', { id, ...entry, bytes: 3, checksum: sumOf(ABC) }));
    }
    expect(await outcomes).toEqual([3, 3]);
  });
});
