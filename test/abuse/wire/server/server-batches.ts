/** Batches whose body lies: sizes, order, paths, frames and checksums that are wrong. */
import { crc32 } from 'node:zlib';
import type { CodecName } from '../../../../src/index.js';
import { alive, hears, type ServerCase, type Step } from '../abuse-case.js';
import { bytesOf } from '../frames/loose-encoder.js';
import { data, frame, type LooseFrame, type Value, type Word } from '../frames/loose-frame.js';
import { hostilePaths } from './hostile-paths.js';
import { HELLO } from './server-fields.js';

type Fields = Readonly<Record<string, Value | undefined>>;

const MAX = Number.MAX_SAFE_INTEGER;

const bodyOf =
  (words: readonly Word[]) =>
  (codec: CodecName): Buffer =>
    Buffer.concat(words.map((word) => bytesOf(word, codec)));

/** A batch of these words, its end with other fields, and how it ends. */
function batch(
  name: string,
  ends: string | readonly string[],
  words: readonly Word[],
  last: Fields = {},
): ServerCase {
  const body = bodyOf(words);
  const inFrames = (codec: CodecName): Buffer => {
    const bytes = body(codec);
    const end = {
      id: 1,
      size: bytes.length,
      checksum: `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`,
    };
    const frames = bytes.length > 0 ? [data(1, bytes)] : [];
    return bodyOf([...frames, frame('end', { ...end, ...last })])(codec);
  };
  return {
    name: `a batch ${name}`,
    says: [HELLO, OPEN, inFrames],
    fate: [ends].flat().map((end) => alive({ 1: end })),
  };
}

const OPEN = frame('open', { id: 1, op: 'batch', checksum: 'crc32', window: 65_536 });

const download = (fields: Fields = {}): LooseFrame =>
  frame('open', { id: 1, op: 'download', path: 'small', ...fields });
const upload = (fields: Fields = {}): LooseFrame =>
  frame('open', { id: 1, op: 'upload', path: 'target', size: 5, overwrite: false, ...fields });
const hello = (fields: Fields = {}): LooseFrame => frame('data', { id: 1, length: 5, ...fields }, 'hello');

/** What was complete before is carried out if it has arrived in an earlier piece. */
const BROKEN = ['EPROTO', 'result'] as const;

const bodies: readonly ServerCase[] = [
  batch('of nothing', 'result', []),
  batch('of one download', 'result', [download()]),
  batch('that answers with an error', 'result', [download({ path: 'nowhere' })]),
  ...[2, 3, MAX].map((id) => batch(`that begins with the id ${id}`, 'EPROTO', [download({ id })])),
  batch('with an id twice', BROKEN, [download(), download()]),
  batch('with a falling id', BROKEN, [download(), download({ id: 2 }), download()]),
  ...['stat', 'remove', 'batch', 'call', '', 'DOWNLOAD'].map((op) =>
    batch(`of the operation '${op}'`, 'result', [download({ op })]),
  ),
  ...[
    frame('ping', { token: 1 }),
    frame('hello', { version: 1 }),
    frame('result', { id: 1 }),
    frame('error', { code: 'EIO' }),
    frame('end', { id: 1, size: 0 }),
    frame('cancel', { id: 1 }),
    hello(),
  ].map((word) => batch(`with a frame of type ${word.type}`, 'EPROTO', [word])),
  batch('with an unknown frame', 'result', [frame('strange', { future: 1 }), download()]),
  batch('with an upload without its bytes', 'EPROTO', [upload()]),
  batch('with fewer bytes than the upload has', 'EPROTO', [upload(), hello({ length: 4 })]),
  batch('with bytes of another upload', 'EPROTO', [upload(), hello({ id: 3 })]),
  batch('with the bytes of an upload twice', BROKEN, [upload(), hello(), hello()]),
  batch('with a download in the middle of an upload', 'EPROTO', [upload(), download({ id: 2 }), hello()]),
  ...[65_537, 4_294_967_295, MAX].map((size) =>
    batch(`with an upload of ${size} bytes that has 5`, 'EPROTO', [upload({ size }), hello()]),
  ),
  batch('with a file that is too large', 'EMSGSIZE', [
    upload({ size: 65_537 }),
    frame('data', { id: 1, length: 65_537 }),
  ]),
  batch(
    'with half a request',
    [...BROKEN, 'EBADMSG'],
    [download(), (codec) => bytesOf(download({ id: 2 }), codec).subarray(0, -9)],
  ),
  ...[
    { offset: 0 },
    { append: true },
    { ifMatch: 'wrong' },
    { checksum: 'crc32:00000000', overwrite: true },
    { checksum: 'md5:0', overwrite: true },
    { mtime: MAX, overwrite: true },
    { mode: MAX, overwrite: true },
    {},
  ].map((fields) =>
    batch(`with an upload with ${JSON.stringify(fields)}`, 'result', [upload(fields), hello()]),
  ),
  ...hostilePaths.flatMap(({ what, path }) => [
    batch(
      `that uploads to ${what}`,
      ['result', 'EMSGSIZE'],
      [upload({ path, overwrite: true, recursive: true }), hello()],
    ),
    batch(`that downloads ${what}`, ['result', 'EMSGSIZE'], [download({ path })]),
  ]),
  batch('that ends with another size', 'result', [download()], { size: 1 }),
  batch('that ends with all bytes there are', 'result', [download()], { size: MAX }),
  batch('that ends with another checksum', 'result', [download()], { checksum: 'crc32:00000000' }),
  batch('of nothing that ends with another size', 'EBADMSG', [], { size: 1 }),
  batch('of nothing that ends with another checksum', 'EBADMSG', [], { checksum: 'crc32:00000001' }),
  { ...batch('with a wrong check', 'EBADMSG', [download({ check: 1 })]), codecs: ['text', 'json', 'xml'] },
];

/** A batch that is opened like this, with steps after it. */
function opened(name: string, end: string, fields: Fields, ...more: readonly Step[]): ServerCase {
  const open = frame('open', { id: 1, op: 'batch', checksum: 'crc32', window: 65_536, ...fields });
  return { name: `a batch ${name}`, says: [HELLO, open, ...more], fate: alive({ 1: end }) };
}

const hugeDownloads = Array.from({ length: 400 }, (_, index) => download({ id: index + 1, path: 'large' }));
const smallDownloads = Array.from({ length: 400 }, (_, index) => download({ id: index + 1 }));

/** All of them. */
export const serverBatchCases: readonly ServerCase[] = [
  ...bodies,
  opened('of an unknown checksum', 'ENOTSUP', { checksum: 'md5' }),
  opened('that is never ended', 'open', {}, hears('accept', 1), (codec) =>
    bytesOf(data(1, bytesOf(download(), codec)), codec),
  ),
  opened('whose answers are never taken', 'open', { window: 0 }, (codec) =>
    bytesOf(data(1, bodyOf(smallDownloads)(codec)), codec),
  ),
  opened('of files that are too large for it', 'open', { window: 0 }, (codec) =>
    bytesOf(data(1, bodyOf(hugeDownloads)(codec)), codec),
  ),
  opened('that is cancelled', 'ECANCELED', {}, hears('accept', 1), frame('cancel', { id: 1 })),
];
