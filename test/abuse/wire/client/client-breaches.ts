/** Servers that break the rules by the content or the amount of their frames. */
import type { CodecName } from '../../../../src/index.js';
import {
  cancels,
  DONE,
  EPROTO,
  fails,
  hears,
  type ClientCase,
  type ClientFate,
  type Step,
  type ClientRequest,
} from '../abuse-case.js';
import { ASKED, BEGUN, CONTENT_DATA, found, sent, served, stored, taken, WELCOME } from './client-frames.js';
import { data, frame, type LooseFrame } from '../frames/loose-frame.js';

const MAX = Number.MAX_SAFE_INTEGER;
const WRONG = fails('EPROTO');
const DAMAGED = fails('EBADMSG');
const TOO_LARGE = { error: 'EMSGSIZE' } as const;

/** Bytes that begin no frame. In binary they are damaged, because the headers before them were right. */
const misread = (codec: CodecName): ClientFate => (codec === 'binary' ? { error: 'EBADMSG' } : EPROTO);

const good: readonly LooseFrame[] = [served(), CONTENT_DATA, sent()];

const single = (
  [name, wish]: readonly [string, ClientRequest],
  fate: ClientCase['fate'],
  ...says: readonly Step[]
): ClientCase => ({
  name,
  wish,
  says,
  fate,
});

/** All of them. */
export const clientBreachCases: readonly ClientCase[] = [
  single(['a result before the end of an upload', 'write'], [WRONG, DONE], ...BEGUN, taken(), stored()),
  single(
    ['an ack of more than was sent', 'write'],
    cancels('EPROTO'),
    ...BEGUN,
    taken(),
    hears('end', 1),
    frame('ack', { id: 1, offset: 6, window: 1 }),
  ),
  single(
    ['an ack of all there is', 'write'],
    cancels('EPROTO'),
    ...BEGUN,
    taken(),
    frame('ack', { id: 1, offset: MAX, window: MAX }),
  ),
  single(
    ['less data than it says', 'read'],
    DAMAGED,
    ...BEGUN,
    served(),
    data(1, 'hell'),
    sent({ bytes: 4 }),
  ),
  single(
    ['more data than it says', 'read'],
    WRONG,
    ...BEGUN,
    served(),
    data(1, 'hello!'),
    sent({ bytes: 6 }),
  ),
  single(['other data than it says', 'read'], DAMAGED, ...BEGUN, served(), data(1, 'hellO'), sent()),
  single(
    ['data of a byte more than may be', 'read'],
    TOO_LARGE,
    ...BEGUN,
    served(),
    data(1, Buffer.alloc(65_537)),
  ),
  single(
    ['data of 4 GiB', 'read'],
    TOO_LARGE,
    ...BEGUN,
    served(),
    frame('data', { id: 1, length: 4_294_967_295 }),
  ),
  single(
    ['data that is longer than it says', 'read'],
    misread,
    ...BEGUN,
    served(),
    frame('data', { id: 1, length: 3 }, 'hello'),
    sent(),
  ),
  single(
    ['data that is shorter than it says', 'read'],
    misread,
    ...BEGUN,
    served(),
    // No more than `accept` says: more would end the request before the connection.
    frame('data', { id: 1, length: 5 }, 'hel'),
    sent(),
    sent(),
  ),
  single(
    ['data in empty frames', 'read'],
    DONE,
    ...BEGUN,
    served(),
    ...Array.from({ length: 500 }, () => data(1, '')),
    CONTENT_DATA,
    sent(),
  ),
  single(
    ['data byte by byte', 'read'],
    DONE,
    ...BEGUN,
    served(),
    ...Array.from('hello', (one) => data(1, one)),
    sent(),
  ),
  single(['accept twice', 'read'], cancels('EPROTO'), ...BEGUN, served(), served()),
  single(['accept after data', 'read'], cancels('EPROTO'), ...BEGUN, served(), CONTENT_DATA, served()),
  single(['data for another channel', 'read'], EPROTO, ...BEGUN, served(), data(3, 'hello')),
  single(
    ['an unknown code', 'stat'],
    fails('EWHATEVER'),
    ...BEGUN,
    frame('error', { code: 'EWHATEVER', id: 1 }),
  ),
  single(
    ['an error with controls of a terminal', 'stat'],
    EPROTO,
    ...BEGUN,
    frame('error', { code: 'EIO', id: 1, message: '\u001b[2J' }),
  ),
  ...['__proto__', '', '5', 'E IO', 'E'.repeat(65)].map((code) =>
    single([`a code '${code}'`, 'stat'], WRONG, ...BEGUN, frame('error', { code, id: 1 })),
  ),
  single(
    ['a code constructor', 'stat'],
    fails('constructor'),
    ...BEGUN,
    frame('error', { code: 'constructor', id: 1 }),
  ),
  single(
    ['thousands of empty acks of a stat', 'stat'],
    DONE,
    ...BEGUN,
    ...Array.from({ length: 3_000 }, () => frame('ack', { id: 1, offset: 0, window: 0 })),
    found(),
  ),
  single(
    ['a goaway before the request', 'stat'],
    fails('ESHUTDOWN'),
    ...BEGUN,
    frame('goaway', { lastId: 0 }),
  ),
  single(['a goaway of the largest id', 'read'], DONE, ...BEGUN, frame('goaway', { lastId: MAX }), ...good),
  single(
    ['two goaways', 'read'],
    DONE,
    ...BEGUN,
    frame('goaway', { lastId: 1 }),
    frame('goaway', { lastId: 1 }),
    ...good,
  ),
  single(
    ['thousands of pings', 'read'],
    DONE,
    ...BEGUN,
    ...Array.from({ length: 3_000 }, (_, token) => frame('ping', { token })),
    ...good,
  ),
  single(
    ['thousands of unknown frames', 'read'],
    DONE,
    ...BEGUN,
    ...Array.from({ length: 3_000 }, () => frame('strange', { future: 1 })),
    ...good,
  ),
  single(
    ['version 0', 'read'],
    { error: 'EPROTONOSUPPORT' },
    frame('welcome', { version: 0, maxFrame: 65_536, maxChannels: 64 }),
  ),
  single(
    ['version 2', 'read'],
    { error: 'EPROTONOSUPPORT' },
    frame('welcome', { version: 2, maxFrame: 65_536, maxChannels: 64 }),
  ),
  single(
    ['a small maxFrame', 'read'],
    EPROTO,
    frame('welcome', { version: 1, maxFrame: 65_535, maxChannels: 64 }),
  ),
  single(['no maxFrame', 'read'], EPROTO, frame('welcome', { version: 1, maxFrame: 0, maxChannels: 64 })),
  single(
    ['few channels', 'read'],
    EPROTO,
    frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 15 }),
  ),
  single(
    ['a welcome of the largest limits', 'read'],
    DONE,
    frame('welcome', { version: 1, maxFrame: MAX, maxChannels: MAX, silence: MAX }),
    ASKED,
    ...good,
  ),
  single(
    ['a welcome of 5,000 bytes', 'read'],
    TOO_LARGE,
    frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64, agent: 'x'.repeat(5_000) }),
  ),
  single(['a refusal', 'read'], fails('EAUTH'), frame('error', { code: 'EAUTH', message: 'No.' })),
  single(['two welcomes', 'read'], EPROTO, WELCOME, WELCOME),
  single(['something that is no codec', 'read'], EPROTO, () =>
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ),
];
