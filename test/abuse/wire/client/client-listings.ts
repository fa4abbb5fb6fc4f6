/** Listings that lie: names that would lead elsewhere, bodies that are no listings. */
import {
  DONE,
  fails,
  type ClientCase,
  type ClientFate,
  type OneOf,
  type Step,
  type ClientRequest,
} from '../abuse-case.js';
import { BEGUN, entry, listing } from './client-frames.js';
import { hostilePaths } from '../server/hostile-paths.js';
import { bytesOf, headerOf } from '../frames/loose-encoder.js';
import { data, frame, type Bytes, type Value, type Word } from '../frames/loose-frame.js';

const WRONG = fails('EPROTO');

function one(name: string, fate: ClientCase['fate'], ...words: readonly Word[]): ClientCase {
  return { name: `a listing with ${name}`, wish: 'list', says: listing(...words), fate };
}

const hostile = (wish: ClientRequest): ClientCase[] =>
  hostilePaths.flatMap(({ what, path }) =>
    [path, `docs/${path}`].map((said) => ({
      name: `a ${wish} with ${what}${said === path ? '' : ' in the directory'}`,
      wish,
      says: listing(entry(), entry({ path: said })),
      fate: WRONG,
    })),
  );

const elsewhere = ['other/a', 'docs', 'docsa', 'docs2/a', 'Docs/a', 'a', 'docs/a/b', 'x/docs/a'].map((path) =>
  one(`the path ${path}`, WRONG, entry({ path })),
);

const oddKinds = ['', 'symlink', 'FILE', 'socket', 'constructor', '__proto__'].map((kind) =>
  one(`the kind '${kind}'`, WRONG, entry({ kind })),
);

const others: readonly Word[] = [
  frame('ping', { token: 0 }),
  frame('ping', { token: 1 }),
  frame('result', { id: 1 }),
  frame('error', { code: 'EIO' }),
  frame('hello', { version: 1 }),
  frame('goaway', { lastId: 0 }),
];

/** So many entries at once: each is right. */
const many =
  (count: number): Bytes =>
  (codec) =>
    Buffer.concat(Array<Buffer>(count).fill(bytesOf(entry(), codec)));
const half: Bytes = (codec) => bytesOf(entry(), codec).subarray(0, -4);

/** A listing of one entry, but for its last frame. */
function endsWith(
  name: string,
  fields: Readonly<Record<string, Value>>,
  fate: OneOf<ClientFate>,
): ClientCase {
  const says: Step[] = [...listing(entry()).slice(0, -1), frame('result', { id: 1, ...fields })];
  return { name: `a listing that ends with ${name}`, wish: 'list', says, fate };
}

/** All of them. */
export const clientListingCases: readonly ClientCase[] = [
  one('one good entry', DONE, entry()),
  ...hostile('list'),
  ...hostile('tree'),
  ...elsewhere,
  ...oddKinds,
  ...others.map((word) => one(`a frame of type ${'type' in word ? word.type : ''}`, WRONG, entry(), word)),
  one('data in its data', [WRONG, fails('EMSGSIZE')], entry(), data(1, 'x')),
  one('an unknown frame', DONE, entry(), frame('strange', { future: 1 })),
  one('half an entry', WRONG, entry(), half),
  one(
    'bytes that are no frame',
    (codec) => (codec === 'binary' ? fails('EBADMSG') : WRONG),
    entry(),
    () => Buffer.from('\0\0\0\0\n\n'),
  ),
  one('an entry that never ends', fails('EMSGSIZE'), (codec) =>
    headerOf(entry({ etag: 'x'.repeat(65_500) }), codec),
  ),
  one(
    'a hundred thousand entries, the last of them elsewhere',
    WRONG,
    many(100_000),
    entry({ path: '../a' }),
  ),
  one('no size', WRONG, entry({ size: undefined })),
  one('no time', WRONG, entry({ mtime: undefined })),
  one('an empty etag', WRONG, entry({ etag: '' })),
  one('a time that there is none', WRONG, entry({ mtime: Number.MAX_SAFE_INTEGER })),
  one('a huge size', DONE, entry({ size: Number.MAX_SAFE_INTEGER })),
  endsWith('fewer bytes', { bytes: 1, checksum: 'crc32:00000000' }, fails('EBADMSG')),
  endsWith(
    'the largest count of bytes',
    { bytes: Number.MAX_SAFE_INTEGER, checksum: 'crc32:00000000' },
    fails('EBADMSG'),
  ),
  endsWith('no count', { checksum: 'crc32:00000000' }, WRONG),
  {
    name: 'a listing that ends with no checksum',
    wish: 'list',
    says: [
      ...listing(entry()).slice(0, -1),
      (codec) => bytesOf(frame('result', { id: 1, bytes: bytesOf(entry(), codec).length }), codec),
    ],
    fate: WRONG,
  },
  {
    name: 'a listing of another directory',
    wish: 'list',
    says: [...BEGUN, frame('accept', { id: 1, path: 'other', kind: 'directory', checksum: 'crc32' })],
    fate: WRONG,
  },
  {
    name: 'a listing of the root',
    wish: 'list',
    says: [...BEGUN, frame('accept', { id: 1, kind: 'directory', checksum: 'crc32' })],
    fate: WRONG,
  },
];
