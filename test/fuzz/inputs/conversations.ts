/** The bytes of a client and a server in a correct conversation, before anything is damaged. */
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import { bytesOf } from '../../../src/contracts/codec/recording.js';
import type { CodecName } from '../../../src/index.js';
import type { Frame, FrameOf } from '../../../src/protocol/frames.js';
import type { FrameWithPayload } from '../../codecs/frames.arbitrary.js';
import type { Random } from '../../faults/fixtures/random.js';
import { batchRequests } from './batches.js';
import { data, plain, sealed, sumOf } from './framed.js';

const BODY = Buffer.from('Five words of a file.');
const UPLOAD = '00112233445566778899aabbccddeeff';
const PATHS = ['a.txt', 'dir/b.txt', 'dir', 'new.txt', 'dir/new', 'none', 'none/c'];

/** The client's side: `hello` and a few requests whose frames are mixed, as they are on a connection. */
export function clientBytes(codec: CodecName, random: Random): FrameWithPayload[] {
  const count = random.integer(1, 5);
  const requests = Array.from({ length: count }, (_, index) =>
    random.pick([...requestMakers, batchRequest(codec)])(2 * index + 1, random),
  );
  const hello: Frame = { type: 'hello', version: 1, agent: 'fuzz' };
  const login: Partial<Frame> = random.next() < 0.5 ? { user: 'a', password: 'b' } : {};
  const frames = [plain({ ...hello, ...login } as Frame), ...interleaved(requests, random)];
  return random.next() < 0.3 ? frames.map(sealed) : frames;
}

/** The server's side: the answers to the requests of the fuzzed client, in the order in which it asks. */
export function serverBytes(codec: CodecName, random: Random): FrameWithPayload[] {
  const listAnswer: Maker = (id) => listing(id, codec, random);
  const watchAnswer: Maker = (id) => watched(id, codec);
  const answers: Maker[] = [
    ...[statAnswer, downloadAnswer, listAnswer, uploadAnswer, doneAnswer],
    ...[callAnswer, streamAnswer, watchAnswer],
  ];
  const welcome: Frame = { type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 16 };
  const frames = interleaved(
    answers.map((answer, index) => answer(2 * index + 1, random)),
    random,
  );
  if (random.next() < 0.1) frames.push(plain({ type: 'goaway', lastId: random.integer(0, 9) }));
  const all = [plain(welcome), ...frames];
  return random.next() < 0.3 ? all.map(sealed) : all;
}

type Maker = (id: number, random: Random) => FrameWithPayload[];

const requestMakers: readonly Maker[] = [
  (id, random) => [
    open(id, random, { op: 'download', window: random.pick([0, 5, 65_536]) }),
    ack(id, random),
  ],
  (id, random) => [open(id, random, { op: 'list', recursive: true, window: 65_536 }), ack(id, random)],
  uploadRequest,
  uploadRequest,
  (id, random) => [open(id, random, { op: random.pick(['stat', 'mkdir', 'remove', 'checksum', 'nothing']) })],
  (id, random) => [open(id, random, { op: random.pick(['rename', 'copy']), to: random.pick(PATHS) })],
  (id, random) => [
    open(id, random, {
      op: 'utimes',
      mtime: random.pick([0, -1, 1_700_000_000_000, 8.64e15 + 1, -8.64e15 - 1]),
    }),
  ],
  (id, random) => [open(id, random, { op: 'chmod', mode: random.pick([0, 0o644, 0o777, 0o4755]) })],
  (id, random) => [open(id, random, { op: 'download' }), plain({ type: 'cancel', id })],
  (id, random) => [open(id, random, {}), plain({ type: 'ping', token: id })],
  (id, random) => [
    open(id, random, { op: 'watch', window: random.pick([0, 65_536]) }),
    plain({ type: 'cancel', id }),
  ],
  (id, random) => [open(id, random, { op: 'call', method: 'echo', value: random.pick(VALUES) })],
  streamRequest,
];

const batchRequest =
  (codec: CodecName): Maker =>
  (id, random) => {
    const body = Buffer.concat(
      batchRequests(random).map(({ frame, payload }) => bytesOf(builtinCodecs[codec], frame, payload)),
    );
    const end: Frame = { type: 'end', id, size: body.length, checksum: sumOf(body) };
    return [open(id, random, { op: 'batch', checksum: 'crc32', window: 65_536 }), data(id, body), plain(end)];
  };

/** Values of methods, and texts that are none. */
const VALUES = ['1', '{"a":[1,"b"]}', '{', '{"__proto__":1}', '['.repeat(70) + ']'.repeat(70), '1e999'];

function streamRequest(id: number, random: Random): FrameWithPayload[] {
  const end: Frame = { type: 'end', id, size: BODY.length, checksum: sumOf(BODY) };
  return [
    open(id, random, {
      op: 'stream',
      method: 'echo-stream',
      checksum: 'crc32',
      window: random.pick([0, 65_536]),
    }),
    data(id, BODY),
    plain(end),
    ack(id, random),
  ];
}

function uploadRequest(id: number, random: Random): FrameWithPayload[] {
  const more = random.next() < 0.3 ? { upload: UPLOAD, offset: random.pick([0, BODY.length]) } : {};
  const flags = { append: random.next() < 0.2, flush: random.next() < 0.2, overwrite: random.next() < 0.7 };
  const pieces = random.next() < 0.5 ? [BODY] : [BODY.subarray(0, 9), BODY.subarray(9)];
  const end: Frame = { type: 'end', id, size: BODY.length, checksum: sumOf(BODY) };
  return [
    open(id, random, { op: 'upload', ...more, ...flags }),
    ...pieces.map((piece) => data(id, piece)),
    plain(end),
  ];
}

function statAnswer(id: number, random: Random): FrameWithPayload[] {
  if (random.next() < 0.2) return [plain({ type: 'error', id, code: 'ENOENT', message: 'Gone.' })];
  return [plain({ type: 'result', id, path: 'a', kind: 'file', size: 1, mtime: 1, etag: 'v' })];
}

function downloadAnswer(id: number): FrameWithPayload[] {
  const size = BODY.length;
  return [
    plain({
      type: 'accept',
      id,
      path: 'f',
      kind: 'file',
      offset: 0,
      size,
      mtime: 1,
      etag: 'v',
      checksum: 'crc32',
    }),
    data(id, BODY),
    plain({ type: 'result', id, bytes: size, checksum: sumOf(BODY) }),
  ];
}

function listing(id: number, codec: CodecName, random: Random): FrameWithPayload[] {
  const entries = Array.from({ length: random.integer(0, 3) }, (_, index) =>
    builtinCodecs[codec].encode({ type: 'entry', path: `e${index}`, kind: 'file', size: index, mtime: 1 }),
  );
  const body = Buffer.concat(entries);
  return [
    plain({ type: 'accept', id, kind: 'directory', checksum: 'crc32' }),
    ...(body.length > 0 ? [data(id, body)] : []),
    plain({ type: 'result', id, bytes: body.length, checksum: sumOf(body) }),
  ];
}

function uploadAnswer(id: number): FrameWithPayload[] {
  return [
    plain({ type: 'accept', id, path: 'u', checksum: 'crc32', window: 65_536 }),
    plain({ type: 'ack', id, offset: 4, window: 65_536 }),
    plain({
      type: 'result',
      id,
      path: 'u',
      kind: 'file',
      size: 4,
      mtime: 1,
      bytes: 4,
      checksum: sumOf(Buffer.from('body')),
    }),
  ];
}

/** Mostly a good one: a request that always fails would hide what the others do. */
function answeredValue(random: Random): string {
  return random.next() < 0.9 ? '[1]' : random.pick(VALUES);
}

function callAnswer(id: number, random: Random): FrameWithPayload[] {
  return [plain({ type: 'result', id, value: answeredValue(random) })];
}

function streamAnswer(id: number, random: Random): FrameWithPayload[] {
  return [
    plain({ type: 'accept', id, checksum: 'crc32', window: 65_536 }),
    data(id, BODY),
    plain({ type: 'end', id, size: BODY.length, checksum: sumOf(BODY) }),
    plain({ type: 'result', id, value: answeredValue(random) }),
  ];
}

function watched(id: number, codec: CodecName): FrameWithPayload[] {
  const entry = { path: 'e', kind: 'file', size: 1, mtime: 1 } as const;
  const body = Buffer.concat(
    [{ event: 'present', ...entry }, { event: 'ready' }, { event: 'changed', ...entry, size: 2 }].map(
      (change) => builtinCodecs[codec].encode({ type: 'change', ...change }),
    ),
  );
  return [
    plain({ type: 'accept', id, kind: 'directory', checksum: 'crc32' }),
    data(id, body),
    { frame: { type: 'data', id, length: 0, checksum: sumOf(body) }, payload: Buffer.alloc(0) },
    plain({ type: 'error', id, code: 'ENOENT' }),
  ];
}

function doneAnswer(id: number): FrameWithPayload[] {
  return [plain({ type: 'result', id, path: 'd' })];
}

function open(id: number, random: Random, fields: Partial<FrameOf<'open'>>): FrameWithPayload {
  return plain({ type: 'open', id, op: 'stat', path: random.pick(PATHS), ...fields });
}

function ack(id: number, random: Random): FrameWithPayload {
  return plain({ type: 'ack', id, offset: random.pick([0, 0, 5, 21, 1_000]), window: 65_536 });
}

/** The frames of each channel in their order, mixed. */
function interleaved(channels: FrameWithPayload[][], random: Random): FrameWithPayload[] {
  const left = channels.map((frames) => [...frames]);
  const mixed: FrameWithPayload[] = [];
  // Ids must rise, so the first frames of the channels come in order.
  for (const frames of left) mixed.push(...frames.splice(0, 1));
  for (let rest = left.filter(some); rest.length > 0; rest = rest.filter(some)) {
    mixed.push(...random.pick(rest).splice(0, random.integer(1, 2)));
  }
  return mixed;
}

function some(frames: FrameWithPayload[]): boolean {
  return frames.length > 0;
}
