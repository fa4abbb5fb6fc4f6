/** Watches and followed downloads that lie: paths elsewhere, events in a wrong order, bytes that no checksum verifies. */
import { cancels, DONE, EPROTO, fails, type ClientCase, type Step } from '../../abuse-case.js';
import { bytesOf } from '../../frames/loose-encoder.js';
import { data, frame, plus, type LooseFrame, type Value, type Word } from '../../frames/loose-frame.js';
import { hostilePaths } from '../../server/hostile-paths.js';
import {
  ASKED,
  BEGUN,
  bodyOf,
  CONTENT_DATA,
  CONTENT_END,
  entry,
  inFrames,
  listing,
  served,
  sumOf,
  WELCOME,
} from '../client-frames.js';
import { CONTENT_SUM } from '../client-requests.js';

type Fields = Readonly<Record<string, Value | undefined>>;

const WRONG = cancels('EPROTO');

const change = (event: string, fields: Fields = {}): LooseFrame =>
  frame('change', { event, path: 'docs/a', kind: 'file', size: 5, mtime: 1, etag: 'v1', ...fields });
const READY = frame('change', { event: 'ready' });
const LOST = frame('change', { event: 'lost' });
const CREATED = change('created');
const accepted = (fields: Fields = {}): LooseFrame =>
  frame('accept', { id: 1, path: 'docs', kind: 'directory', checksum: 'crc32', ...fields });

/** Data of these words, and behind them their checksum. */
const verified = (words: readonly Word[], sum?: string): Step[] => [
  inFrames(words),
  (codec) => bytesOf(plus(data(1, ''), 'checksum', sum ?? sumOf(bodyOf(words, codec))), codec),
];

/** A watch whose verified body is these words. */
function watch([name, fate]: readonly [string, ClientCase['fate']], ...words: readonly Word[]): ClientCase {
  return { name: `a watch ${name}`, wish: 'watch', says: [...BEGUN, accepted(), ...verified(words)], fate };
}

/** A watch of these frames. */
function frames([name, fate]: readonly [string, ClientCase['fate']], ...says: readonly Step[]): ClientCase {
  return { name: `a watch ${name}`, wish: 'watch', says: [...BEGUN, ...says], fate };
}

const anyOf = ['EPROTO', 'EILSEQ', 'ENAMETOOLONG'].map((code) => cancels(code));

const paths = hostilePaths.flatMap(({ what, path }) => [
  watch([`of ${what}`, anyOf], change('present', { path }), READY, CREATED),
  watch([`of ${what} in the directory`, anyOf], READY, change('created', { path: `docs/${path}` }), CREATED),
  watch([`that removes ${what}`, anyOf], READY, frame('change', { event: 'removed', path }), CREATED),
  watch([`of a rename from ${what}`, anyOf], READY, change('renamed', { from: path }), CREATED),
]);

const elsewhere = ['other/a', 'docs', 'docsa', 'Docs/a', 'a', 'x/docs/a'].map((path) =>
  watch([`of the path ${path}`, WRONG], change('present', { path }), READY, CREATED),
);

const orders = [
  watch(['of a change before the end of the snapshot', WRONG], CREATED, READY),
  watch(['of a removal before the end of the snapshot', WRONG], change('removed'), READY),
  watch(['of a rename into itself', WRONG], READY, change('renamed', { from: 'docs/a/b' }), CREATED),
  watch(['of a rename to itself', WRONG], READY, change('renamed', { from: 'docs/a' }), CREATED),
  watch(['of a rename from nowhere', WRONG], READY, change('renamed'), CREATED),
  watch(['that removes what it has not told', DONE], READY, change('removed', { path: 'docs/x' }), CREATED),
  watch(['of an event of a later version', DONE], READY, change('later'), CREATED),
  watch(['of an unknown frame', DONE], READY, frame('strange', { future: 1 }), CREATED),
  watch(['that has lost ten thousand times', DONE], READY, ...Array<Word>(10_000).fill(LOST), CREATED),
  watch(['that begins again and again', DONE], ...Array<Word>(10_000).fill(READY), CREATED),
  watch(['without a path', WRONG], READY, change('created', { path: undefined }), CREATED),
  watch(['without a size', WRONG], READY, change('created', { size: undefined }), CREATED),
  watch(['of another kind', WRONG], READY, change('created', { kind: '__proto__' }), CREATED),
  watch(['of a time that there is none', WRONG], READY, change('created', { mtime: 2 ** 53 - 1 }), CREATED),
];

const others: readonly Word[] = [
  frame('ping', { token: 0 }),
  frame('result', { id: 1 }),
  frame('end', { id: 1, size: 0 }),
  frame('hello', { version: 1 }),
  entry(),
];

const bodies = [
  ...others.map((word) =>
    watch([`with a frame of type ${'type' in word ? word.type : ''}`, WRONG], READY, word, CREATED),
  ),
  watch(
    ['with bytes that are no frame', (codec) => (codec === 'binary' ? cancels('EBADMSG') : WRONG)],
    READY,
    () => Buffer.from('\0\0\0\0\n\n'),
    CREATED,
  ),
  frames(
    ['with a wrong checksum', cancels('EBADMSG')],
    accepted(),
    ...verified([READY, CREATED], 'crc32:00000000'),
  ),
  frames(['with a checksum of another algorithm', WRONG], accepted(), ...verified([READY, CREATED], 'md5:0')),
  frames(['with half a mebibyte that is not verified', WRONG], accepted(), (codec) => {
    const bytes = bodyOf([READY, ...Array<Word>(1_000).fill(CREATED)], codec);
    const count = Math.ceil(600_000 / bytes.length);
    return Buffer.concat(Array<Buffer>(count).fill(bytesOf(data(1, bytes.subarray(0, 65_536)), codec)));
  }),
];

const ends = [
  frames(['of another directory', WRONG], accepted({ path: 'other' })),
  frames(['of a file', WRONG], accepted({ kind: 'file' })),
  frames(['by another algorithm', WRONG], accepted({ checksum: 'none' })),
  frames(['accepted twice', WRONG], accepted(), accepted()),
  frames(['that begins without accept', WRONG], data(1, 'x')),
  frames(['with a result', fails('EPROTO')], accepted(), frame('result', { id: 1 })),
  frames(['with an end', WRONG], accepted(), CONTENT_END),
  frames(['that fails', fails('ENOENT')], accepted(), frame('error', { id: 1, code: 'ENOENT' })),
  frames(
    ['that fails with a code that is none', fails('EPROTO')],
    accepted(),
    frame('error', { id: 1, code: '' }),
  ),
];

const FOLLOWING = [{ ...WELCOME, fields: [...WELCOME.fields, ['features', 'follow']] } as LooseFrame, ASKED];

function follow([name, fate]: readonly [string, ClientCase['fate']], ...says: readonly Step[]): ClientCase {
  return { name: `a followed file ${name}`, wish: 'follow', says: [...FOLLOWING, ...says], fate };
}

const summed = (checksum: string): LooseFrame => plus(data(1, ''), 'checksum', checksum);

const follows = [
  follow(
    ['that is right, and fails', fails('ENOENT')],
    served(),
    CONTENT_DATA,
    summed(CONTENT_SUM),
    frame('error', { id: 1, code: 'ENOENT' }),
  ),
  follow(
    ['that ends', fails('EPROTO')],
    served(),
    frame('result', { id: 1, bytes: 5, checksum: CONTENT_SUM }),
  ),
  follow(['with an end', WRONG], served(), CONTENT_END),
  follow(['with a wrong checksum', cancels('EBADMSG')], served(), CONTENT_DATA, summed('crc32:00000000')),
  follow(['with a checksum of another algorithm', WRONG], served(), CONTENT_DATA, summed('md5:0')),
  follow(['at another offset', WRONG], served({ offset: 1 }), CONTENT_DATA, summed(CONTENT_SUM)),
  follow(['that is a directory', WRONG], served({ kind: 'directory' }), CONTENT_DATA),
];

/** All of them, and changes where none belong. */
export const clientWatchCases: readonly ClientCase[] = [
  watch(['that is right', DONE], change('present', { path: 'docs/b' }), READY, CREATED),
  ...paths,
  ...elsewhere,
  ...orders,
  ...bodies,
  ...ends,
  ...follows,
  { name: 'a change outside of a body', wish: 'stat', says: [...BEGUN, CREATED], fate: EPROTO },
  { name: 'a listing of changes', wish: 'list', says: listing(entry(), CREATED), fate: fails('EPROTO') },
];
