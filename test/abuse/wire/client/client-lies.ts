/** Servers that lie about a file, a stored upload or a connection. A client detects each lie. */
import {
  DONE,
  fails,
  hears,
  type ClientCase,
  type ClientFate,
  type OneOf,
  type Step,
  type ClientRequest,
} from '../abuse-case.js';
import { BEGUN, CONTENT_DATA, found, sent, served, stored, taken } from './client-frames.js';
import { frame, type Value } from '../frames/loose-frame.js';
import { prototypeNames } from '../frames/wrong-values.js';

const MAX = Number.MAX_SAFE_INTEGER;
const WRONG = fails('EPROTO');
const DAMAGED = fails('EBADMSG');
const TOO_LARGE = { error: 'EMSGSIZE' } as const;

type Lie = readonly [fields: Readonly<Record<string, Value | undefined>>, fate: OneOf<ClientFate>];

/** A case for each lie that a frame may tell. */
function lies(
  [what, wish]: readonly [string, ClientRequest],
  all: readonly Lie[],
  says: (fields: Lie[0]) => readonly Step[],
): ClientCase[] {
  return all.map(([fields, fate]) => ({
    name: `${what} ${JSON.stringify(fields, (_, value: unknown) => value ?? 'nothing').slice(0, 60)}`,
    wish,
    says: [...BEGUN, ...says(fields)],
    fate,
  }));
}

const otherPaths: readonly Lie[] = ['other', 'X', 'x/y', './x', '/x', '../x', 'x.', ''].map((path) => [
  { path },
  WRONG,
]);
const otherKinds: readonly Lie[] = ['', 'symlink', 'FILE', 'file ', ...prototypeNames].map((kind) => [
  { kind },
  WRONG,
]);

const otherAlgorithms: readonly Lie[] = [
  'md5',
  'sha256',
  'none',
  '',
  'CRC32',
  'crc32 ',
  ...prototypeNames,
].map((checksum) => [{ checksum }, WRONG]);

/** Checksums that are not by the algorithm that was asked for. */
const otherChecksums: readonly Lie[] = [
  undefined,
  '',
  'crc32',
  'crc32:',
  'crc32:3610A686',
  'crc32:3610a6860',
  '3610a686',
  'md5:0',
  `sha256:${'0'.repeat(64)}`,
].map((checksum) => [{ checksum }, WRONG]);

/** Lies of an answer that describes a file. */
const fileLies: readonly Lie[] = [
  ...otherPaths,
  ...otherKinds,
  ...['path', 'kind', 'size', 'mtime'].map((name): Lie => [{ [name]: undefined }, WRONG]),
  [{ mtime: MAX }, WRONG],
  [{ mtime: 0 }, DONE],
  [{ mtime: { digits: '-1000' } }, DONE],
  [{ etag: '' }, WRONG],
  [{ etag: undefined }, DONE],
];

const acceptLies: readonly Lie[] = [
  ...fileLies,
  [{ kind: 'directory' }, WRONG],
  ...[undefined, 1, 5, MAX].map((offset): Lie => [{ offset }, WRONG]),
  // More bytes than announced are a violation, fewer are damage.
  ...[0, 4].map((size): Lie => [{ size }, WRONG]),
  [{ size: 6 }, DAMAGED],
  // It is a valid size, but no memory holds so much.
  [{ size: MAX }, fails('EFBIG')],
  ...otherAlgorithms,
  [{ checksum: undefined }, WRONG],
  [{ etag: 'x'.repeat(60_000) }, DONE],
  [{ window: MAX }, DONE],
  [{ window: 0 }, DONE],
  [{ path: 'x'.repeat(65_495) }, TOO_LARGE],
];

const resultLies: readonly Lie[] = [
  [{ bytes: undefined }, WRONG],
  ...[0, 4, 6, MAX].map((bytes): Lie => [{ bytes }, DAMAGED]),
  [{ checksum: 'crc32:00000000' }, DAMAGED],
  ...otherChecksums,
];

const storedLies: readonly Lie[] = [
  ...fileLies,
  [{ kind: 'directory' }, WRONG],
  ...[0, 4, 6, MAX].map((size): Lie => [{ size }, DAMAGED]),
  ...resultLies,
];

const foundLies: readonly Lie[] = [...fileLies, [{ size: MAX }, DONE], [{ size: 0, mtime: 0 }, DONE]];

const took = (fields: Lie[0]): Step[] => [taken(fields), hears('end', 1), stored()];

/** All of them. */
export const clientLieCases: readonly ClientCase[] = [
  ...lies(['accept of a download with', 'read'], acceptLies, (fields) => [
    served(fields),
    CONTENT_DATA,
    sent(),
  ]),
  ...lies(['result of a download with', 'read'], resultLies, (fields) => [
    served(),
    CONTENT_DATA,
    sent(fields),
  ]),
  ...lies(
    ['accept of an upload with', 'write'],
    [
      ...otherPaths,
      [{ path: undefined }, WRONG],
      ...otherAlgorithms,
      [{ checksum: undefined }, WRONG],
      [{ window: MAX }, DONE],
      [{ window: 0 }, DONE],
      [{ window: undefined }, WRONG],
      [{ offset: 0 }, WRONG],
      [{ offset: 5 }, WRONG],
    ],
    took,
  ),
  ...lies(['result of an upload with', 'write'], storedLies, (fields) => [
    taken(),
    hears('end', 1),
    stored(fields),
  ]),
  ...lies(['result of a stat with', 'stat'], foundLies, (fields) => [found(fields)]),
  ...lies(['result of a stat with', 'stat'], [[{ kind: 'directory' }, DONE]], (fields) => [found(fields)]),
  ...lies(['result of a copy with', 'copy'], [...foundLies, [{ kind: 'directory' }, WRONG]], (fields) => [
    found(fields),
  ]),
  ...lies(['result of a mkdir with', 'mkdir'], otherPaths, (fields) => [
    frame('result', { id: 1, ...fields }),
  ]),
  ...lies(['result of a rename with', 'rename'], [...otherPaths, [{ path: 'x' }, WRONG]], (fields) => [
    frame('result', { id: 1, ...fields }),
  ]),
  ...lies(
    ['result of a checksum with', 'checksum'],
    [...otherChecksums, [{ size: undefined }, WRONG]],
    (fields) => [frame('result', { id: 1, size: 5, ...fields })],
  ),
];
