/** Frames that a codec has to carry: every type, every field, and every kind of value that tempts a notation. */
import { MAX_INTEGER } from '../protocol/limits.js';
import type { Frame } from '../protocol/frames.js';

/** The largest id: the binary codec gives it 48 bits. */
export const MAX_ID = 2 ** 48 - 1;

const TEMPTING = 'a b%20c=d&e<f>g"h\'i\\j/k{l}m[n]o,p:q;r#s?t+u|v`w~x!y*z';
const UNICODE = 'Grüße – 日本語 \u{1f4c4} e\u0301 \u00a0\u2028\u{10fffd}';
const EVERYTHING = `${TEMPTING} ${UNICODE}`;

/** The frames. None carries a payload: those of type `data` have a length of 0. */
export const sampleFrames: readonly Frame[] = [
  { type: 'hello', version: 1 },
  { type: 'hello', version: 1, agent: EVERYTHING, maxFrame: 1_048_576 },
  { type: 'hello', version: 1, silence: 45_000, check: 0 },
  { type: 'welcome', version: 1, maxFrame: 65_536, maxChannels: 64 },
  {
    type: 'welcome',
    version: 1,
    maxFrame: 65_536,
    maxChannels: 64,
    silence: MAX_INTEGER,
    check: 4_294_967_295,
  },
  { type: 'welcome', version: MAX_INTEGER, maxFrame: MAX_INTEGER, maxChannels: MAX_INTEGER, agent: '' },
  { type: 'open', id: 1, op: 'stat' },
  {
    type: 'open',
    id: MAX_ID,
    op: 'download',
    path: UNICODE,
    offset: MAX_INTEGER,
    limit: 0,
    ifMatch: '"a-1"',
  },
  {
    type: 'open',
    id: 3,
    op: 'upload',
    path: 'dir/file name.txt',
    to: 'dir/file%20name.txt',
    offset: 0,
    limit: 1,
    size: MAX_INTEGER,
    mtime: 1_700_000_000_123,
    ifMatch: '',
    overwrite: true,
    recursive: false,
    checksum: 'crc32',
    window: 2_097_152,
    upload: '00112233445566778899aabbccddeeff',
    since: 1,
    prefix: 'crc32:00000000',
    check: 2_147_483_648,
  },
  { type: 'open', id: 5, op: 'remove', path: TEMPTING, overwrite: false, recursive: true },
  { type: 'accept', id: 1, check: 1 },
  {
    type: 'accept',
    id: 127,
    path: ' leading and trailing ',
    kind: 'file',
    offset: 128,
    size: 16_383,
    mtime: 16_384,
    etag: 'W/"x"',
    checksum: 'sha256',
    window: 4_294_967_296,
  },
  { type: 'data', id: 1, length: 0 },
  { type: 'ack', id: 1, offset: 0, window: 0 },
  { type: 'ack', id: MAX_ID, offset: MAX_INTEGER, window: MAX_INTEGER },
  { type: 'end', id: 1, size: 0 },
  { type: 'end', id: 1, size: 5, checksum: 'crc32:3610a686', check: 2 },
  { type: 'result', id: 1, check: 3 },
  {
    type: 'result',
    id: 1,
    path: '=',
    kind: 'directory',
    size: 1,
    mtime: 0,
    etag: '&amp;',
    bytes: 2_147_483_648,
    checksum: '%',
  },
  { type: 'error', code: 'EPROTO', check: 4 },
  { type: 'error', code: 'ENOENT', id: 1, message: EVERYTHING, path: '__proto__', retryable: false },
  { type: 'error', code: 'EMYOWN', id: 3, message: '', path: 'constructor', retryable: true },
  { type: 'cancel', id: 1 },
  { type: 'cancel', id: 1, check: 5 },
  { type: 'ping', token: 0 },
  { type: 'pong', token: MAX_INTEGER },
  { type: 'goaway', lastId: 0, check: 6 },
  { type: 'goaway', lastId: MAX_INTEGER, code: 'ESHUTDOWN', message: 'true' },
  { type: 'entry', path: 'null', kind: 'directory' },
  { type: 'entry', path: '1', kind: 'file', size: 1, mtime: 1, etag: '0' },
];
