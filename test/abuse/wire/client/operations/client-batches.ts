/** Answers to a batch that lie: other counts, other ids, other bytes, or no end. */
import type { CodecName } from '../../../../../src/index.js';
import { cancels, DONE, fails, type ClientCase, type Step } from '../../abuse-case.js';
import { bytesOf } from '../../frames/loose-encoder.js';
import { frame, type LooseFrame, type Value, type Word } from '../../frames/loose-frame.js';
import { BEGUN, bodyOf, CONTENT_END, inFrames, sumOf } from '../client-frames.js';
import { CONTENT } from '../client-requests.js';

type Fields = Readonly<Record<string, Value | undefined>>;

const MAX = Number.MAX_SAFE_INTEGER;
const WRONG = fails('EPROTO');
const bytes = (id: number, fields: Fields = {}, payload = CONTENT): LooseFrame =>
  frame('data', { id, length: payload.length, ...fields }, payload);
const found = (id: number, fields: Fields = {}): LooseFrame =>
  frame('result', { id, kind: 'file', size: 5, mtime: 1, etag: 'v1', ...fields });
const failed = (id: number, fields: Fields = {}): LooseFrame =>
  frame('error', { id, code: 'ENOENT', ...fields });
const FIRST = [bytes(1), found(1)];
const SECOND = [bytes(2), found(2)];
const accepted = (fields: Fields = {}): LooseFrame =>
  frame('accept', { id: 1, checksum: 'crc32', window: 65_536, ...fields });

/** A batch with these words as answers, and a last frame with other fields. */
function batch(
  [name, fate]: readonly [string, ClientCase['fate']],
  words: readonly Word[],
  last: Fields = {},
): ClientCase {
  const result = (codec: CodecName): Uint8Array => {
    const body = bodyOf(words, codec);
    const right = { id: 1, count: 2, bytes: body.length, checksum: sumOf(body) };
    return bytesOf(frame('result', { ...right, ...last }), codec);
  };
  return frames([name, fate], accepted(), inFrames(words), result);
}

function frames([name, fate]: readonly [string, ClientCase['fate']], ...says: readonly Step[]): ClientCase {
  return { name: `a batch ${name}`, wish: 'fetch', says: [...BEGUN, ...says], fate };
}

const BOTH = [...FIRST, ...SECOND];
const strange = frame('strange', { future: 1 });

const bodies = [
  batch(['that is right', DONE], BOTH),
  batch(['with an unknown frame', DONE], [...FIRST, strange, ...SECOND]),
  batch(['of which a file fails', fails('ENOENT')], [...FIRST, failed(2)]),
  batch(['in another order', WRONG], [...SECOND, ...FIRST]),
  batch(['of too many answers', WRONG], [...BOTH, bytes(3), found(3)]),
  batch(['of an answer too many', WRONG], [...BOTH, failed(2)]),
  batch(['of too few answers', WRONG], FIRST),
  batch(['with an answer twice', WRONG], [...FIRST, found(1)]),
  batch(['with bytes twice', WRONG], [bytes(1), bytes(1), found(1), ...SECOND]),
  batch(['with bytes of another answer', WRONG], [bytes(2), found(1), ...SECOND]),
  batch(['with bytes and no result', WRONG], [...FIRST, bytes(2)]),
  batch(
    ['with more bytes than asked for', WRONG],
    [bytes(1, {}, 'hello!'), found(1, { size: 6 }), ...SECOND],
  ),
  batch(['with fewer bytes than its size', WRONG], [bytes(1, {}, 'hell'), found(1), ...SECOND]),
  batch(['without the bytes of its size', WRONG], [found(1), ...SECOND]),
  batch(
    ['that announces too large a payload', fails('EMSGSIZE')],
    [frame('data', { id: 1, length: 65_537 })],
  ),
  ...[0, 3, MAX].map((id) => batch([`with the id ${id}`, WRONG], [failed(id), ...SECOND])),
  batch(['with a code that is none', WRONG], [failed(1, { code: '' }), ...SECOND]),
  ...['directory', '', '__proto__'].map((kind) =>
    batch([`with the kind '${kind}'`, WRONG], [bytes(1), found(1, { kind }), ...SECOND]),
  ),
  batch(['without a time', WRONG], [bytes(1), found(1, { mtime: undefined }), ...SECOND]),
  batch(['with an empty etag', WRONG], [bytes(1), found(1, { etag: '' }), ...SECOND]),
  ...[
    frame('open', { id: 1, op: 'download', path: 'x' }),
    frame('ping', { token: 1 }),
    frame('accept', { id: 1 }),
    frame('change', { event: 'ready' }),
  ].map((word) => batch([`with a frame of type ${word.type}`, WRONG], [word, ...BOTH])),
  batch(
    ['with half an answer', WRONG],
    [...FIRST, bytes(2), (codec) => bytesOf(found(2), codec).subarray(0, -9)],
  ),
  batch(
    ['with bytes that are no frame', [WRONG, fails('EBADMSG')]],
    [...FIRST, () => Buffer.from('\0\0\0\0\n\n')],
  ),
];

const ends = [
  batch(['without a count', WRONG], BOTH, { count: undefined }),
  ...[0, 1, 3, MAX].map((count) => batch([`of which ${count} are carried out`, WRONG], BOTH, { count })),
  ...[0, 1, MAX].map((count) => batch([`with ${count} bytes`, fails('EBADMSG')], BOTH, { bytes: count })),
  batch(['with a wrong checksum', fails('EBADMSG')], BOTH, { checksum: 'crc32:00000000' }),
  batch(['with a checksum of another algorithm', WRONG], BOTH, { checksum: 'md5:0' }),
  batch(['without a checksum', WRONG], BOTH, { checksum: undefined }),
  batch(['that was carried out without answers', fails('EIO')], BOTH, {
    bytes: undefined,
    checksum: undefined,
  }),
  frames(['that was not carried out', fails('EIO')], frame('result', { id: 1, count: 0 })),
  frames(['by another algorithm', cancels('EPROTO')], accepted({ checksum: 'none' })),
  frames(['without a window', cancels('EPROTO')], accepted({ window: undefined })),
  frames(['accepted twice', cancels('EPROTO')], accepted(), accepted()),
  frames(['that is answered before accept', cancels('EPROTO')], inFrames(BOTH)),
  frames(['with an end', cancels('EPROTO')], accepted(), CONTENT_END),
  frames(
    ['without an end of unknown frames', cancels('EFLOOD')],
    accepted(),
    inFrames(Array<Word>(10_000).fill(frame('strange', { future: 'x'.repeat(30) }))),
  ),
];

/** All of them. */
export const clientBatchCases: readonly ClientCase[] = [...bodies, ...ends];
