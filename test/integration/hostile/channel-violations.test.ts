/** A client that breaks a rule of one channel: the channel ends, and the other transfers of its connection complete. */
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileServer, type CodecName } from '../../../src/index.js';
import { CANCEL_BURST } from '../../../src/protocol/limits.js';
import { codecNames, data, frame, type LooseFrame } from '../../abuse/wire/frames/loose-frame.js';
import { bytesOf } from '../../support/bytes.js';
import { LooseWire } from '../../support/frames/loose-wire.js';
import { connectionTo, storageOf } from '../../support/servers/serve.js';

const ID = '0123456789abcdef0123456789abcdef';
const BIG = bytesOf(100_000);
const HALF = 50_000;
const LISTED = 99;

const open = (op: string, fields = {}): LooseFrame => frame('open', { id: 5, op, ...fields });
const upload = open('upload', { path: 'bad' });
const download = open('download', { path: 'big', window: 0 });
const stat = open('stat', { path: 'big' });
const stream = open('stream', { method: 'echo', window: 0 });
const cancel = frame('cancel', { id: 5 });
const end = frame('end', { id: 5, size: 0 });
const ack = (offset: number, window = 0): LooseFrame => frame('ack', { id: 5, offset, window });
const byte = data(5, 'x');

interface Violation {
  readonly what: string;
  /** In one chunk: the server has no time to end the channel in between. */
  readonly says: readonly LooseFrame[];
  /** The code of the terminal error; `result` if the request is carried out before it can be stopped. */
  readonly code: string;
}

const violations: readonly Violation[] = [
  { what: 'end twice', says: [upload, end, end], code: 'EPROTO' },
  { what: 'data after end', says: [upload, end, byte], code: 'EPROTO' },
  { what: 'data for a download', says: [download, byte], code: 'EPROTO' },
  { what: 'data without bytes for a download', says: [download, data(5, '')], code: 'EPROTO' },
  { what: 'end for a download', says: [download, end], code: 'EPROTO' },
  { what: 'data for a stat', says: [stat, byte], code: 'result' },
  { what: 'end for a stat', says: [stat, end], code: 'result' },
  { what: 'an ack beyond what was sent by a download', says: [download, ack(1)], code: 'EPROTO' },
  { what: 'an ack of bytes to an upload', says: [upload, ack(1, 1)], code: 'EPROTO' },
  { what: 'an ack of bytes to a stat', says: [stat, ack(1)], code: 'result' },
  {
    what: 'payload beyond the window before accept',
    says: [upload, data(5, Buffer.alloc(65_536)), byte],
    code: 'EFLOOD',
  },
  {
    what: 'data before accept where open has an offset',
    says: [open('upload', { path: 'bad', upload: ID, offset: 0 }), byte],
    code: 'EFLOOD',
  },
  { what: 'data before the accept of a stream method', says: [stream, byte], code: 'EFLOOD' },
  { what: 'end twice for a stream method', says: [stream, end, end], code: 'EPROTO' },
  { what: 'data after the end of a stream method', says: [stream, end, data(5, '')], code: 'EPROTO' },
  { what: 'an ack of bytes to a stream method', says: [stream, ack(1)], code: 'EPROTO' },
  { what: 'cancel of a stream method, twice', says: [stream, cancel, cancel], code: 'ECANCELED' },
  { what: 'a frame of an unknown type', says: [upload, frame('strange', { id: 5 })], code: 'ENOTSUP' },
  // The first reason stands.
  { what: 'cancel twice', says: [upload, cancel, cancel], code: 'ECANCELED' },
  { what: 'data after cancel', says: [upload, cancel, byte], code: 'ECANCELED' },
  { what: 'end after cancel', says: [upload, cancel, end], code: 'ECANCELED' },
  { what: 'an ack of bytes after cancel', says: [download, cancel, ack(1)], code: 'ECANCELED' },
  { what: 'any frames of an unknown operation', says: [open('later'), byte, end, ack(7)], code: 'ENOTSUP' },
];

const everyCase = codecNames.flatMap((codec) => violations.map((violation) => ({ codec, ...violation })));

/** A connection in the middle of a download with the id 1 and an upload with the id 3. */
async function busy(codec: CodecName): Promise<LooseWire> {
  const server = new FileServer({ storage: await storageOf({ big: BIG }) });
  server.streamMethod('echo', (duplex) => pipeline(duplex, duplex));
  const wire = new LooseWire(connectionTo(server), codec);
  onTestFinished(async () => {
    wire.close();
    await server.close();
  });
  wire.send(
    frame('hello', { version: 1 }),
    frame('open', { id: 1, op: 'download', path: 'big', window: HALF }),
    frame('open', { id: 3, op: 'upload', path: 'new' }),
    data(3, BIG.subarray(0, HALF)),
  );
  await wire.receiveBytes(1, HALF);
  await wire.receive('accept', { id: 3 });
  return wire;
}

/** Completes both transfers. */
async function complete(wire: LooseWire): Promise<void> {
  wire.send(
    frame('ack', { id: 1, offset: HALF, window: BIG.length }),
    data(3, BIG.subarray(HALF)),
    frame('end', { id: 3, size: BIG.length }),
  );
  await wire.receive('result', { id: 1, bytes: BIG.length });
  await wire.receive('result', { id: 3, size: BIG.length });
  wire.send(frame('open', { id: LISTED, op: 'list' }));
  await wire.receive('result', { id: LISTED });
  expect(wire.bodyOf(1).equals(BIG)).toBe(true);
}

describe.each(everyCase)('$what, in $codec', ({ codec, says, code }) => {
  it(`ends the channel with ${code}, once, and harms no other transfer of the connection`, async () => {
    const wire = await busy(codec);
    wire.send(...says);
    if (code === 'result') await wire.receive('result', { id: 5 });
    else await wire.receive('error', { id: 5, code });
    // What follows is ignored, whatever it is.
    wire.send(byte, data(5, BIG.subarray(0, 65_536)), end, ack(9, 9), cancel, frame('strange', { id: 5 }));
    await wire.settle();
    await complete(wire);
    expect(wire.wordsOf(5).filter((word) => word !== 'accept')).toEqual([code]);
    expect(wire.bodyOf(LISTED).includes('new')).toBe(true);
    expect(wire.bodyOf(LISTED).includes('bad')).toBe(false);
  });
});

describe.each(codecNames)('in %s', (codec) => {
  it('payload beyond the window after accept is EFLOOD of the channel, and none of it is kept', async () => {
    const wire = await busy(codec);
    wire.send(open('upload', { path: 'bad', size: 10_000_000 }));
    const { window = 0 } = await wire.receive('accept', { id: 5 });
    const pieces = Array.from({ length: window / 65_536 + 1 }, () => data(5, Buffer.alloc(65_536)));
    wire.send(...pieces, ...pieces);
    await wire.receive('error', { id: 5, code: 'EFLOOD' });
    await complete(wire);
    expect(wire.bodyOf(LISTED).includes('bad')).toBe(false);
  });

  it.each([
    ['data', byte],
    ['ack', ack(0)],
    ['end', end],
    ['cancel', cancel],
    ['an unknown type', frame('strange', { id: 5 })],
    ['data with an even id', data(2, 'x')],
    ['error with an id', frame('error', { id: 1, code: 'EIO' })],
    ['accept', frame('accept', { id: 1 })],
    ['result', frame('result', { id: 1 })],
    ['a second hello', frame('hello', { version: 1 })],
    ['an even id', frame('open', { id: 6, op: 'stat' })],
    ['an id that was used before', frame('open', { id: 3, op: 'stat' })],
  ])(
    'EPROTO ends the connection after %s for a channel that was never opened or no client may send it',
    async (_what, said) => {
      const wire = await busy(codec);
      wire.send(said);
      expect(await wire.connectionError()).toBe('EPROTO');
    },
  );

  it.each([
    ['ack', 'EPROTO', [download, ack(1)]],
    ['end', 'EPROTO', [download, end]],
    ['data', 'EFLOOD', [open('upload', { path: 'bad', upload: ID, offset: 0 }), byte]],
  ])(
    'a client that ends thousands of channels by a wrong %s is refused with EFLOOD',
    async (_what, code, says) => {
      const wire = await busy(codec);
      const isOver = wire.connectionError();
      for (let id = 5; !wire.isOver; id += 2) {
        wire.send(...says.map((said) => ({ ...said, fields: said.fields.map(numbered(id)) })));
        if (id % 60 === 5) await wire.receive('error', { id }).catch(() => undefined);
      }
      expect(await isOver).toBe('EFLOOD');
      const ended = wire.frames.filter((said) => said.type === 'error' && said.id !== undefined);
      expect(ended.length).toBeGreaterThanOrEqual(CANCEL_BURST);
      expect(ended.length).toBeLessThan(2 * CANCEL_BURST);
      expect(new Set(ended.map((said) => said.type === 'error' && said.code))).toEqual(new Set([code]));
    },
  );
});

/** The same field, with another id. */
function numbered(id: number) {
  return ([name, value]: LooseFrame['fields'][number]): LooseFrame['fields'][number] => [
    name,
    name === 'id' ? id : value,
  ];
}
