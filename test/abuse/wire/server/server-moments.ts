/** Every frame in every state: a frame that the tables of the protocol allow is served, any other is EPROTO, of its channel if it has one. */
import {
  alive,
  EPROTO,
  hears,
  type OneOf,
  type ServerCase,
  type ServerFate,
  type Step,
} from '../abuse-case.js';
import { data, frame, plus, type LooseFrame } from '../frames/loose-frame.js';
import { HELD, HELLO, STREAM, UPLOAD } from './server-fields.js';

const LINES = ['text', 'json', 'xml'] as const;
const DAMAGED = [{ error: 'EBADMSG' }, EPROTO] as const;
const SILENT = { silent: true } as const;

/** The outcome of a frame about channel 1 or another one in a state; a frame without an entry is EPROTO. */
interface Moment {
  readonly when: string;
  readonly before: readonly Step[];
  readonly id: number;
  readonly fates: Readonly<Record<string, OneOf<ServerFate>>>;
}

/** Frames without a channel, after `hello`. */
const anywhere = (goesOn: ServerFate): Record<string, ServerFate> => ({
  ping: goesOn,
  pong: goesOn,
  strange: goesOn,
  error: SILENT,
});

const SERVED = alive({ 1: 'open' });
const ENDED_UPLOAD = alive({ 1: 'result' });
const stored = frame('open', { id: 1, op: 'upload', path: 'allowed-moments' });
const emptyEnd = frame('end', { id: 1, size: 0 });
const over: Record<string, ServerFate> = {
  'strange of it': alive(),
  data: alive(),
  ack: alive(),
  end: alive(),
};
const wasOver = alive({ 1: 'ECANCELED' });
const REFUSED = alive({ 1: 'EPROTO' });

const moments: readonly Moment[] = [
  {
    when: 'before hello',
    before: [],
    id: 1,
    fates: {},
  },
  {
    when: 'for an id that was never opened',
    before: [HELLO],
    id: 9,
    fates: { ...anywhere(alive()), open: alive({ 9: 'result' }) },
  },
  { when: 'for an even id', before: [HELLO], id: 2, fates: anywhere(alive()) },
  { when: 'for the largest id there is', before: [HELLO], id: 2 ** 48 - 2, fates: anywhere(alive()) },
  {
    when: 'for a lower id than one before',
    before: [HELLO, frame('open', { id: 9, op: 'stat', path: 'small' }), hears('result', 9)],
    id: 7,
    // The channel was not opened, but its id is not higher either: it is indistinguishable from an ended one.
    fates: { ...anywhere(alive()), ...over, cancel: alive() },
  },
  {
    when: 'while a download is held',
    before: [HELLO, HELD, hears('accept', 1)],
    id: 1,
    fates: {
      ...anywhere(SERVED),
      data: REFUSED,
      ack: SERVED,
      end: REFUSED,
      cancel: wasOver,
      'strange of it': alive({ 1: 'ENOTSUP' }),
    },
  },
  {
    when: 'while an upload is sent',
    before: [HELLO, UPLOAD, hears('accept', 1)],
    id: 1,
    fates: {
      ...anywhere(SERVED),
      data: SERVED,
      ack: SERVED,
      end: alive({ 1: 'EBADMSG' }),
      cancel: wasOver,
      'strange of it': alive({ 1: 'ENOTSUP' }),
    },
  },
  {
    when: 'after the end of an upload',
    before: [HELLO, stored, emptyEnd],
    id: 1,
    // Where the result is on its way already, the frame is ignored.
    fates: {
      ...anywhere(ENDED_UPLOAD),
      data: [REFUSED, ENDED_UPLOAD],
      end: [REFUSED, ENDED_UPLOAD],
      ack: ENDED_UPLOAD,
      cancel: [wasOver, ENDED_UPLOAD],
      'strange of it': [alive({ 1: 'ENOTSUP' }), ENDED_UPLOAD],
    },
  },
  {
    when: 'while a stream method runs',
    before: [HELLO, STREAM, hears('accept', 1)],
    id: 1,
    fates: {
      ...anywhere(SERVED),
      data: SERVED,
      ack: SERVED,
      end: alive({ 1: 'EBADMSG' }),
      cancel: wasOver,
      'strange of it': alive({ 1: 'ENOTSUP' }),
    },
  },
  {
    when: 'after the end of a stream that is held',
    before: [HELLO, STREAM, hears('accept', 1), data(1, 'hello'), frame('end', { id: 1, size: 5 })],
    id: 1,
    fates: {
      ...anywhere(SERVED),
      data: REFUSED,
      ack: SERVED,
      end: REFUSED,
      cancel: wasOver,
      'strange of it': alive({ 1: 'ENOTSUP' }),
    },
  },
  {
    when: 'after a cancel',
    before: [HELLO, UPLOAD, frame('cancel', { id: 1 })],
    id: 1,
    fates: {
      ...anywhere(wasOver),
      data: wasOver,
      end: wasOver,
      ack: wasOver,
      cancel: wasOver,
      'strange of it': wasOver,
    },
  },
  {
    when: 'after the terminal frame',
    before: [HELLO, frame('open', { id: 1, op: 'stat', path: 'nothing' }), hears('error', 1)],
    id: 1,
    fates: { ...anywhere(alive()), ...over, cancel: alive() },
  },
];

/** The frames, by their names in the tables above. */
function framesOf(id: number): Record<string, LooseFrame> {
  return {
    hello: HELLO,
    open: frame('open', { id, op: 'stat', path: 'small' }),
    data: data(id, 'hello'),
    ack: frame('ack', { id, offset: 0, window: 0 }),
    end: frame('end', { id, size: 3 }),
    cancel: frame('cancel', { id }),
    error: frame('error', { code: 'EIO' }),
    'error with an id': frame('error', { code: 'EIO', id }),
    ping: frame('ping', { token: 1 }),
    pong: frame('pong', { token: 1 }),
    strange: frame('strange', { future: 1 }),
    'strange of it': frame('strange', { id }),
    'strange with a check': plus(frame('strange', { id }), 'check', 1),
    welcome: frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 16 }),
    accept: frame('accept', { id }),
    result: frame('result', { id }),
    goaway: frame('goaway', { lastId: 0 }),
    entry: frame('entry', { path: 'a', kind: 'file' }),
  };
}

/** All of them. */
export const serverMomentCases: readonly ServerCase[] = moments.flatMap(({ when, before, id, fates }) =>
  Object.entries(framesOf(id))
    .filter(([name]) => !(name === 'hello' && before.length === 0))
    .map(([name, said]) => ({
      name: `${name} ${when}`,
      // In binary the fields of an unknown frame are not read.
      ...(name === 'strange with a check' ? { codecs: LINES } : {}),
      says: [...before, said],
      fate: name === 'strange with a check' ? DAMAGED : (fates[name] ?? EPROTO),
    })),
);
