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
const UNKNOWN = [fails('ENOTSUP'), WRONG];

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

const acceptLies: readonly Lie[] = [
  ...otherPaths,
  ...otherKinds,
  [{ path: undefined }, WRONG],
  [{ kind: undefined }, WRONG],
  ...[undefined, 1, 5, MAX].map((offset): Lie => [{ offset }, WRONG]),
  ...[undefined, 0, 4, 6, MAX].map((size): Lie => [{ size }, DAMAGED]),
  ...['md5', '', 'CRC32', 'crc32 ', ...prototypeNames].map((checksum): Lie => [{ checksum }, UNKNOWN]),
  [{ checksum: 'sha256' }, DAMAGED],
  [{ etag: '' }, DONE],
  [{ etag: undefined }, DONE],
  [{ etag: 'x'.repeat(60_000) }, DONE],
  [{ window: MAX }, DONE],
  [{ window: 0 }, DONE],
  [{ path: 'x'.repeat(65_495) }, TOO_LARGE],
];

const resultLies: readonly Lie[] = [
  ...[undefined, 0, 4, 6, MAX].map((bytes): Lie => [{ bytes }, DAMAGED]),
  ...[
    undefined,
    '',
    'crc32',
    'crc32:',
    'crc32:00000000',
    'crc32:3610A686',
    'crc32:3610a6860',
    '3610a686',
  ].map((checksum): Lie => [{ checksum }, DAMAGED]),
  [{ checksum: `sha256:${'0'.repeat(64)}` }, DAMAGED],
];

const storedLies: readonly Lie[] = [
  ...otherPaths,
  ...otherKinds,
  [{ path: undefined }, WRONG],
  [{ kind: undefined }, WRONG],
  [{ mtime: MAX }, WRONG],
  ...[undefined, 0, 4, 6, MAX].map((bytes): Lie => [{ bytes }, DAMAGED]),
  ...['', 'crc32:00000000', 'crc32:3610A686', `sha256:${'0'.repeat(64)}`].map((checksum): Lie => [
    { checksum },
    DAMAGED,
  ]),
];

const foundLies: readonly Lie[] = [
  ...otherPaths,
  ...otherKinds,
  [{ path: undefined }, WRONG],
  [{ kind: undefined }, WRONG],
  [{ mtime: MAX }, WRONG],
  [{ size: MAX }, DONE],
  [{ size: 0, mtime: 0 }, DONE],
];

const sumLies: readonly Lie[] = [
  undefined,
  '',
  'md5:0',
  'crc32:',
  'crc32:3610A686',
  `sha256:${'0'.repeat(64)}`,
].map((checksum) => [{ checksum }, WRONG]);

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
  ...lies(['accept of an upload with', 'write'], [...otherPaths, [{ path: undefined }, WRONG]], took),
  ...lies(
    ['accept of an upload with', 'write'],
    [
      [{ window: MAX }, DONE],
      [{ window: 0 }, DONE],
      [{ window: undefined }, DONE],
    ],
    took,
  ),
  ...lies(['result of an upload with', 'write'], storedLies, (fields) => [
    taken(),
    hears('end', 1),
    stored(fields),
  ]),
  ...lies(['result of a stat with', 'stat'], foundLies, (fields) => [found(fields)]),
  ...lies(['result of a copy with', 'copy'], foundLies, (fields) => [found(fields)]),
  ...lies(['result of a mkdir with', 'mkdir'], otherPaths, (fields) => [
    frame('result', { id: 1, ...fields }),
  ]),
  ...lies(['result of a rename with', 'rename'], [...otherPaths, [{ path: 'x' }, WRONG]], (fields) => [
    frame('result', { id: 1, ...fields }),
  ]),
  ...lies(['result of a checksum with', 'checksum'], sumLies, (fields) => [
    frame('result', { id: 1, size: 5, ...fields }),
  ]),
];
