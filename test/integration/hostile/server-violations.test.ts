/** A server that breaks a rule of one channel: its request fails, and the others of the connection complete. */
import { duplexPair } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, type CodecName, type TransferError } from '../../../src/index.js';
import { codecNames, data, frame, type LooseFrame } from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../../support/frames/loose-wire.js';

const sumOf = (text: string): string => `crc32:${crc32(text).toString(16).padStart(8, '0')}`;
const file = { kind: 'file', size: 6, mtime: 1 };

const accept = frame('accept', { id: 5, path: 'bad', ...file, offset: 0, checksum: 'crc32' });
const taken = frame('accept', { id: 5, path: 'bad', checksum: 'crc32', window: 65_536 });
const byte = data(5, 'x');
const ack = (offset: number, window = 0): LooseFrame => frame('ack', { id: 5, offset, window });

type Call = (client: FileClient) => Promise<unknown>;
const read: Call = (client) => client.readFile('bad');
const list: Call = (client) => client.readdir('bad');
const write: Call = (client) => client.writeFile('bad', 'upload');
const stat: Call = (client) => client.stat('bad');
const remove: Call = (client) => client.remove('bad');
/** A download that the program does not read. */
const pause: Call = (client) => {
  const download = client.download('bad');
  return new Promise((_, reject) => download.once('error', reject));
};

interface Violation {
  readonly what: string;
  readonly call: Call;
  readonly says: readonly LooseFrame[];
  readonly code?: string;
}

const violations: readonly Violation[] = [
  { what: 'accept twice', call: read, says: [accept, accept] },
  { what: 'data before accept', call: read, says: [byte] },
  { what: 'data before the accept of a listing', call: list, says: [byte] },
  { what: 'data for an upload', call: write, says: [taken, byte] },
  { what: 'data without bytes for an upload', call: write, says: [taken, data(5, '')] },
  { what: 'data for a stat', call: stat, says: [byte] },
  { what: 'accept for a stat', call: stat, says: [frame('accept', { id: 5, path: 'bad' })] },
  { what: 'an ack beyond what was sent', call: write, says: [taken, ack(7)] },
  { what: 'an ack of bytes to a stat', call: stat, says: [ack(1)] },
  { what: 'an ack of bytes to a remove', call: remove, says: [ack(1)] },
  {
    what: 'payload beyond the window',
    call: pause,
    says: [accept, data(5, Buffer.alloc(65_536)), byte],
    code: 'EFLOOD',
  },
];

const everyCase = codecNames.flatMap((codec) => violations.map((violation) => ({ codec, ...violation })));

/** A client with a download (id 1) and an upload (id 3), and the request of a case (id 5). */
async function busy(codec: CodecName, call: Call) {
  const [near, far] = duplexPair();
  const client = new FileClient({
    codec,
    connect: () => near,
    reconnect: false,
    limits: { windowBytes: 65_536 },
  });
  onTestFinished(() => client.destroy());
  const wire = new LooseWire(far, codec);
  const others = [client.readFile('other', 'utf8'), client.writeFile('new', 'upload')] as const;
  const failure = call(client).then(
    () => expect.fail('The call has resolved.'),
    (error: unknown) => error as TransferError,
  );
  await wire.receive('hello');
  wire.send(frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 }));
  for (const id of [1, 3, 5]) await wire.receive('open', { id });
  wire.send(
    frame('accept', { id: 1, path: 'other', ...file, offset: 0, checksum: 'crc32' }),
    data(1, 'oth'),
    frame('accept', { id: 3, path: 'new', checksum: 'crc32', window: 65_536 }),
  );
  return { client, wire, others, failure };
}

describe.each(everyCase)('$what, in $codec', ({ codec, call, says, code = 'EPROTO' }) => {
  it(`fails the request with ${code}, cancels it, and harms no other request of the connection`, async () => {
    const { client, wire, others, failure } = await busy(codec, call);
    wire.send(...says);
    const error = await failure;
    expect(error).toMatchObject({ code });
    // Only of a request that changes something it matters.
    expect(error.outcomeUnknown).toBe(call === remove || call === write);
    await wire.receive('cancel', { id: 5 });
    // What follows is ignored, before and after the terminal frame.
    const anything = [byte, data(5, Buffer.alloc(65_536)), ack(9, 9), accept];
    wire.send(...anything, frame('error', { id: 5, code: 'ECANCELED' }));
    wire.send(...anything, frame('result', { id: 5 }), frame('strange', { id: 5 }));
    wire.send(
      data(1, 'er!'),
      frame('result', { id: 1, bytes: 6, checksum: sumOf('other!') }),
      frame('result', { id: 3, path: 'new', ...file, bytes: 6, checksum: sumOf('upload') }),
    );
    const [other, stored] = await Promise.all(others);
    expect(other).toBe('other!');
    expect(stored).toMatchObject({ path: 'new', size: 6 });
    expect(wire.wordsOf(5).filter((word) => word === 'cancel')).toHaveLength(1);
    await wire.settle();
    expect(client.state).toMatchObject({ status: 'connected' });
  });
});

describe.each(codecNames)('in %s', (codec) => {
  it.each([
    ['that was never opened', frame('ack', { id: 7, offset: 0, window: 0 })],
    ['with an even id', frame('result', { id: 2 })],
    ['that only a client ends', frame('cancel', { id: 1 })],
    ['as a second welcome', frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 })],
  ])('a frame for a channel %s ends the connection with EPROTO', async (_what, said) => {
    const { wire, others, failure } = await busy(codec, stat);
    wire.send(said);
    expect(await failure).toMatchObject({ code: 'EPROTO' });
    for (const other of await Promise.allSettled(others))
      expect(other).toMatchObject({ status: 'rejected', reason: { code: 'EPROTO' } });
    expect(await wire.connectionError()).toBe('EPROTO');
  });

  it('an unknown type is ignored, for any id', async () => {
    const { wire, others, failure } = await busy(codec, stat);
    wire.send(
      frame('strange', { id: 5 }),
      frame('strange', { id: 8 }),
      frame('strange', { id: 99, length: 3 }, 'abc'),
    );
    wire.send(
      frame('error', { id: 5, code: 'ENOENT' }),
      frame('error', { id: 1, code: 'EIO' }),
      frame('error', { id: 3, code: 'EIO' }),
    );
    expect(await failure).toMatchObject({ code: 'ENOENT' });
    for (const other of await Promise.allSettled(others))
      expect(other).toMatchObject({ reason: { code: 'EIO' } });
    await wire.settle();
  });
});
