/** Amounts that are wrong: windows, sizes, offsets, lengths, ids, and headers that are too long. */
import { crc32 } from 'node:zlib';
import type { CodecName } from '../../../../src/index.js';
import { alive, EPROTO, hears, type ServerCase, type ServerFate, type Step } from '../abuse-case.js';
import { data, frame, type LooseFrame, type Value } from '../frames/loose-frame.js';
import { HELD, HELLO, UPLOAD } from './server-fields.js';

const MAX = Number.MAX_SAFE_INTEGER;
const FLOOD = alive({ 1: 'EFLOOD' });
const REFUSED = alive({ 1: 'EPROTO' });
const TOO_LARGE = { error: 'EMSGSIZE' } as const;
const UPLOAD_ID = '0123456789abcdef0123456789abcdef';

function amount(name: string, fate: ServerCase['fate'], ...says: readonly Step[]): ServerCase {
  return { name, says: [HELLO, ...says], fate };
}

/** Bytes that begin no frame. In binary they are damaged, because the headers before them were right. */
const misread = (codec: CodecName): ServerFate => (codec === 'binary' ? { error: 'EBADMSG' } : EPROTO);

/** A request, and how it ends. */
function request(
  op: string,
  end: string | readonly string[],
  fields: Readonly<Record<string, Value>>,
): ServerCase {
  const ends = typeof end === 'string' ? [end] : end;
  const said = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value).slice(0, 50)}`);
  return amount(
    `${op} ${said.join(' ')}`,
    ends.map((one) => alive({ 1: one })),
    frame('open', { id: 1, op, ...fields }),
  );
}

/** A header of about so many bytes: more than it may have, less than binary could not say. */
const long = 'x'.repeat(65_520);

/** Frames with fields that could have a check. */
const checkedFields: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  hello: { version: 1 },
  open: { id: 3, op: 'stat' },
  ping: { token: 1 },
  pong: { token: 1 },
  data: { id: 1, length: 5 },
  end: { id: 1, size: 0 },
  cancel: { id: 1 },
  error: { code: 'EIO' },
  ack: { id: 1, offset: 0, window: 0 },
};

const headers: readonly ServerCase[] = [
  {
    name: 'a hello of 5,000 bytes',
    says: [frame('hello', { version: 1, agent: 'x'.repeat(5_000) })],
    fate: TOO_LARGE,
  },
  { name: 'a version 0', says: [frame('hello', { version: 0 })], fate: { error: 'EPROTONOSUPPORT' } },
  { name: 'a version of a distant future', says: [frame('hello', { version: MAX })], fate: alive() },
  {
    name: 'a hello of the largest limits',
    says: [frame('hello', { version: 1, maxFrame: MAX, keepAliveTimeout: MAX })],
    fate: alive(),
  },
  {
    name: 'a hello of no limits',
    says: [frame('hello', { version: 1, maxFrame: 0, keepAliveTimeout: 0 })],
    fate: alive(),
  },
  ...['path', 'to', 'ifMatch', 'checksum', 'prefix', 'upload', 'future'].map((name) =>
    amount(
      `a header whose ${name} is too long`,
      TOO_LARGE,
      frame('open', { id: 1, op: 'stat', [name]: long }),
    ),
  ),
  amount(
    'an end whose checksum is too long',
    TOO_LARGE,
    UPLOAD,
    frame('end', { id: 1, size: 0, checksum: long }),
  ),
  amount('an unknown frame that is too long', TOO_LARGE, frame('strange', { future: `${long}1234567890` })),
  ...['hello', 'open', 'ping', 'pong', 'end', 'cancel', 'error', 'ack', 'data'].map((type): ServerCase => ({
    name: `${type} with a wrong check`,
    says: [...(type === 'hello' ? [] : [HELLO, HELD]), frame(type, { ...checkedFields[type], check: 1 })],
    fate: { error: 'EBADMSG' },
  })),
  {
    name: 'a check in hello, and none afterwards',
    says: [
      frame('hello', { version: 1, check: crc32('hello\nversion=1\n') }),
      frame('open', { id: 1, op: 'stat' }),
    ],
    fate: { error: 'EBADMSG' },
  },
];

const PREFIXED = { path: 'small', offset: 3, checksum: 'crc32' } as const;

const requests: readonly ServerCase[] = [
  request('download', 'ERANGE', { path: 'small', offset: MAX }),
  request('download', 'ERANGE', { path: 'small', offset: 6 }),
  request('download', 'result', { path: 'small', offset: 5 }),
  request('download', 'result', { path: 'small', maxBytes: 0 }),
  request('download', 'result', { path: 'small', maxBytes: MAX, window: MAX }),
  request('download', 'result', { path: 'small', offset: 2, maxBytes: MAX }),
  request('download', 'result', { path: 'small', size: MAX, mtime: MAX, since: MAX, upload: 'x', to: '..' }),
  request('download', 'ESTALE', { path: 'small', ifMatch: '' }),
  request('download', 'ESTALE', { path: 'small', ifMatch: 'x'.repeat(60_000) }),
  request('download', 'ENOTSUP', { path: 'small', checksum: '' }),
  request('download', 'ENOTSUP', { path: 'small', checksum: 'CRC32' }),
  ...[
    { since: 4, prefix: 'crc32:00000000' },
    { prefix: '' },
    { prefix: 'crc32:0000000' },
    { prefix: 'sha256:00000000' },
  ].map((prefix) => request('download', 'EINVAL', { ...PREFIXED, ...prefix })),
  request('download', 'EINVAL', { path: 'small', offset: 3, prefix: 'crc32:00000000' }),
  request('download', 'EBADMSG', { ...PREFIXED, prefix: 'crc32:00000000' }),
  request('download', 'EISDIR', { path: 'docs' }),
  request('checksum', 'EINVAL', { path: 'small', checksum: 'none' }),
  request('checksum', 'ENOTSUP', { path: 'small', checksum: 'md5' }),
  request('list', 'ENOTDIR', { path: 'small' }),
  request('list', 'ENOTSUP', { checksum: 'md5' }),
  request('stat', 'result', {
    path: 'small',
    offset: MAX,
    maxBytes: MAX,
    checksum: 'x',
    upload: 'x',
    to: '../..',
  }),
  request('stat', 'ENOTDIR', { path: 'small/below' }),
  request('upload', 'EINVAL', { path: 'target', offset: 0 }),
  request('upload', 'EINVAL', { path: 'target', upload: UPLOAD_ID.toUpperCase() }),
  request('upload', 'EINVAL', { path: 'target', upload: `${UPLOAD_ID}0` }),
  request('upload', 'EINVAL', { path: 'target', upload: '' }),
  request('upload', 'EINVAL', { path: 'target', upload: '../../../../etc/passwd/../../xx' }),
  request('upload', 'EGONE', { path: 'target', upload: UPLOAD_ID.replace('0', 'f'), offset: MAX }),
  request('upload', 'ENOTSUP', { path: 'target', checksum: 'md5' }),
  request('upload', 'ESTALE', { path: 'target', ifMatch: 'wrong' }),
  request('upload', 'EEXIST', { path: 'target', overwrite: false }),
  request('upload', 'ENOENT', { path: 'nowhere/file' }),
  request('upload', 'EISDIR', { path: 'docs' }),
  request('upload', 'ENOENT', { path: 'nowhere', append: true, size: 0 }),
  request('upload', 'EISDIR', { path: 'docs', append: true, size: 0 }),
  request('upload', 'ESTALE', { path: 'target', append: true, ifMatch: 'wrong' }),
  request('upload', 'EINVAL', { path: 'target', append: true, upload: UPLOAD_ID, offset: 0 }),
  request('upload', ['EGONE', 'ESTALE'], {
    path: 'target',
    append: true,
    upload: UPLOAD_ID,
    offset: MAX,
    ifMatch: '',
  }),
  request('upload', 'EINVAL', { path: 'target', append: true, mtime: MAX }),
  request('utimes', 'EINVAL', { path: 'small' }),
  request('utimes', 'EINVAL', { path: 'small', mtime: MAX }),
  request('utimes', 'EINVAL', { mtime: 0 }),
  request('utimes', 'ENOENT', { path: 'nowhere', mtime: 0 }),
  request('chmod', 'EINVAL', { path: 'small' }),
  request('chmod', 'EINVAL', { path: 'small', mode: 0o4755 }),
  request('upload', 'EINVAL', { path: 'target', mode: MAX }),
  request('upload', 'ENOTDIR', { path: 'small/below', recursive: true }),
  request('mkdir', 'EEXIST', { path: 'docs' }),
  request('remove', 'ENOTEMPTY', { path: 'docs' }),
  request('rename', 'EEXIST', { path: 'small', to: 'target' }),
  request('rename', 'EINVAL', { path: 'docs', to: 'docs/below' }),
  request('rename', 'EISDIR', { path: 'small', to: 'docs', overwrite: true }),
  request('rename', 'ENOTDIR', { path: 'docs', to: 'small', overwrite: true }),
  request('copy', 'EISDIR', { path: 'docs', to: 'moved' }),
  request('copy', 'EEXIST', { path: 'small', to: 'target' }),
  ...['', 'STAT', 'download ', 'CALL', 'x'.repeat(60_000)].map((op) =>
    request(op, 'ENOTSUP', { path: 'small' }),
  ),
];

/** An upload of five bytes, and how it ends. */
function upload(
  [name, end]: readonly [string, string],
  fields: Readonly<Record<string, Value>>,
  last: Readonly<Record<string, Value>>,
): ServerCase {
  const open = frame('open', { id: 1, op: 'upload', path: 'target', ...fields });
  return amount(
    `an upload ${name}`,
    alive({ 1: end }),
    open,
    data(1, 'hello'),
    frame('end', { id: 1, ...last }),
  );
}

const uploads: readonly ServerCase[] = [
  upload(['of fewer bytes than it ends with', 'EBADMSG'], {}, { size: 6 }),
  upload(['of more bytes than it ends with', 'EBADMSG'], {}, { size: 4 }),
  upload(['that ends with no bytes', 'EBADMSG'], {}, { size: 0 }),
  upload(['that ends with all bytes there are', 'EBADMSG'], {}, { size: MAX }),
  upload(['of more bytes than it has announced', 'EBADMSG'], { size: 4 }, { size: 5 }),
  upload(['of fewer bytes than it has announced', 'EBADMSG'], { size: 6 }, { size: 5 }),
  upload(['of another checksum', 'EBADMSG'], {}, { size: 5, checksum: 'crc32:00000000' }),
  upload(['of a checksum that is none', 'EBADMSG'], {}, { size: 5, checksum: 'crc32:zzzzzzzz' }),
  upload(['of a checksum in capitals', 'EBADMSG'], {}, { size: 5, checksum: 'crc32:3610A686' }),
  upload(['of another algorithm', 'EINVAL'], {}, { size: 5, checksum: `sha256:${'0'.repeat(64)}` }),
  upload(['of an empty checksum', 'EINVAL'], {}, { size: 5, checksum: '' }),
  upload(['of an algorithm without a checksum', 'EINVAL'], {}, { size: 5, checksum: 'crc32' }),
  upload(['whose time there is none', 'EINVAL'], { mtime: MAX }, { size: 5 }),
  upload(['that appends fewer bytes than it ends with', 'EBADMSG'], { append: true }, { size: 6 }),
  upload(
    ['that appends more bytes than it has announced', 'EBADMSG'],
    { append: true, size: 4 },
    { size: 5 },
  ),
  upload(
    ['that ends with the size of the whole file', 'EBADMSG'],
    { append: true, flush: true },
    { size: 1e6 },
  ),
];

const openOf = (id: Value): LooseFrame => frame('open', { id, op: 'stat', path: 'small' });

const ackOf = (offset: number, window: number): LooseFrame => frame('ack', { id: 1, offset, window });

const bodies: readonly ServerCase[] = [
  amount(
    'data for a listing',
    [REFUSED, alive({ 1: 'result' })],
    frame('open', { id: 1, op: 'list', window: 0 }),
    data(1, 'x'),
  ),
  amount('data for a stat', [REFUSED, alive({ 1: 'result' })], openOf(1), data(1, 'x')),
  amount('end for a stat', [REFUSED, alive({ 1: 'result' })], openOf(1), frame('end', { id: 1, size: 0 })),
  amount(
    'data for an upload that goes on, before accept',
    [FLOOD, alive()],
    frame('open', { id: 1, op: 'upload', path: 'target', upload: UPLOAD_ID, offset: 0 }),
    data(1, 'x'),
  ),
  amount(
    'data beyond the early window',
    [FLOOD, alive({ 1: 'open' })],
    UPLOAD,
    data(1, 'x'.repeat(65_536)),
    data(1, 'x'),
  ),
  amount(
    'data beyond what is acknowledged',
    [FLOOD, alive({ 1: 'open' })],
    UPLOAD,
    ...Array.from({ length: 40 }, () => data(1, Buffer.alloc(65_536))),
  ),
  ...[65_537, 1_048_577, 4_294_967_295].map((length) =>
    amount(`data of ${length} bytes`, TOO_LARGE, UPLOAD, frame('data', { id: 1, length })),
  ),
  amount(
    'data for a channel that is over, too large',
    TOO_LARGE,
    frame('open', { id: 1, op: 'nothing' }),
    hears('error', 1),
    frame('data', { id: 1, length: 4_294_967_295 }),
  ),
  amount('data that is longer than it says', misread, UPLOAD, frame('data', { id: 1, length: 3 }, 'hello')),
  amount(
    'data that is shorter than it says',
    misread,
    UPLOAD,
    frame('data', { id: 1, length: 7 }, 'hello'),
    frame('ping', { token: 1 }),
    frame('ping', { token: 2 }),
  ),
  {
    ...amount(
      'data without its line end',
      EPROTO,
      UPLOAD,
      { ...data(1, 'hello'), bare: true },
      frame('ping', { token: 1 }),
    ),
    codecs: ['text', 'json', 'xml'],
  },
  {
    ...amount('data with CRLF after it', EPROTO, UPLOAD, frame('data', { id: 1, length: 5 }, 'hello\r')),
    codecs: ['text', 'json', 'xml'],
  },
  amount('an ack of more than was sent', REFUSED, HELD, ackOf(1, 0)),
  amount('an ack of all there is', REFUSED, HELD, ackOf(MAX, MAX)),
  amount('an ack of the largest window', alive({ 1: 'result' }), HELD, ackOf(0, MAX)),
  // 0, even ids, and more than 48 bits.
  ...[0, 2, 2 ** 48 - 2, 2 ** 48 + 1, MAX].map((id) => amount(`the id ${id}`, EPROTO, openOf(id))),
  amount('the largest id, and one after it', EPROTO, openOf(2 ** 48 - 1), openOf(2 ** 48 + 1)),
  amount('the largest id', alive({ [2 ** 48 - 1]: 'result' }), openOf(2 ** 48 - 1)),
  amount('an id twice', EPROTO, openOf(1), openOf(1)),
  amount('an id twice, with the answer in between', EPROTO, openOf(1), hears('result', 1), openOf(1)),
  amount('a falling id', EPROTO, openOf(5), openOf(3)),
];

/** All of them. */
export const serverAmountCases: readonly ServerCase[] = [...headers, ...requests, ...uploads, ...bodies];
