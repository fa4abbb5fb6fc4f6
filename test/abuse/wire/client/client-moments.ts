/** Every frame in every state of a client: a frame that a server must not send there is EPROTO, for the request if it is about a channel. */
import {
  cancels,
  DONE,
  EPROTO,
  fails,
  type ClientCase,
  type ClientFate,
  type OneOf,
  type Step,
  type ClientRequest,
} from '../abuse-case.js';
import {
  ASKED,
  BEGUN,
  CONTENT_DATA,
  CONTENT_END,
  found,
  opened,
  output,
  sent,
  served,
  stored,
  taken,
  WELCOME,
} from './client-frames.js';
import { data, frame, plus, type LooseFrame } from '../frames/loose-frame.js';
import { hears } from '../abuse-case.js';

/** The outcome of a frame about a channel in a state; a frame without an entry is EPROTO. */
interface Moment {
  readonly when: string;
  readonly wish: ClientRequest;
  readonly before: readonly Step[];
  readonly id: number;
  /** The frames of a correct server in this state. */
  readonly after: readonly Step[];
  readonly fates: Readonly<Record<string, OneOf<ClientFate>>>;
}

const DAMAGED = [{ error: 'EBADMSG' }, EPROTO] as const;
/** The caller has its result, whatever happens to the connection. */
const DONE_BEFORE = [DONE, EPROTO] as const;

const anywhere = {
  ping: DONE,
  pong: DONE,
  strange: DONE,
  'strange of it': DONE,
  error: fails('EIO'),
  goaway: DONE,
} as const;

const afterTheEnd = {
  ...Object.fromEntries(['hello', 'open', 'cancel', 'welcome', 'entry'].map((name) => [name, DONE_BEFORE])),
  ...Object.fromEntries(
    ['data', 'ack', 'end', 'accept', 'result', 'error of it'].map((name) => [name, DONE]),
  ),
};

const moments: readonly Moment[] = [
  {
    when: 'before welcome',
    wish: 'stat',
    before: [],
    id: 1,
    after: [WELCOME, ASKED, found()],
    fates: { ping: DONE, pong: DONE, error: fails('EIO'), welcome: EPROTO },
  },
  {
    when: 'for an id that was never opened',
    wish: 'stat',
    before: BEGUN,
    id: 3,
    after: [found()],
    fates: anywhere,
  },
  { when: 'for an even id', wish: 'stat', before: BEGUN, id: 2, after: [found()], fates: anywhere },
  {
    when: 'for the largest id',
    wish: 'stat',
    before: BEGUN,
    id: 2 ** 48 - 1,
    after: [found()],
    fates: anywhere,
  },
  {
    when: 'before the answer to a stat',
    wish: 'stat',
    before: BEGUN,
    id: 1,
    after: [found()],
    fates: {
      ...anywhere,
      end: cancels('EPROTO'),
      accept: cancels('EPROTO'),
      data: cancels('EPROTO'),
      // An empty one only says that the server is at work.
      ack: DONE,
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'before accept',
    wish: 'read',
    before: BEGUN,
    id: 1,
    after: [served(), CONTENT_DATA, sent()],
    fates: {
      ...anywhere,
      end: cancels('EPROTO'),
      accept: cancels('EPROTO'),
      data: cancels('EPROTO'),
      ack: DONE,
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'in the middle of a download',
    wish: 'read',
    before: [...BEGUN, served(), data(1, 'he')],
    id: 1,
    after: [data(1, 'llo'), sent()],
    fates: {
      ...anywhere,
      end: cancels('EPROTO'),
      accept: cancels('EPROTO'),
      ack: DONE,
      data: fails('EPROTO'),
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'in the middle of an upload',
    wish: 'write',
    before: [...BEGUN, taken(), hears('end', 1)],
    id: 1,
    after: [stored()],
    fates: {
      ...anywhere,
      end: cancels('EPROTO'),
      accept: cancels('EPROTO'),
      data: cancels('EPROTO'),
      ack: DONE,
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'before the accept of a stream method',
    wish: 'stream',
    before: BEGUN,
    id: 1,
    after: [opened(), CONTENT_DATA, CONTENT_END, output],
    fates: {
      ...anywhere,
      accept: cancels('EPROTO'),
      data: cancels('EPROTO'),
      end: cancels('EPROTO'),
      ack: DONE,
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'in the middle of a stream method',
    wish: 'stream',
    before: [...BEGUN, opened(), data(1, 'he')],
    id: 1,
    after: [data(1, 'llo'), CONTENT_END, output],
    fates: {
      ...anywhere,
      accept: cancels('EPROTO'),
      ack: DONE,
      data: cancels('EBADMSG'),
      end: cancels('EBADMSG'),
      result: fails('EPROTO'),
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'after the end of a stream method',
    wish: 'stream',
    before: [...BEGUN, opened(), CONTENT_DATA, CONTENT_END],
    id: 1,
    after: [output],
    fates: {
      ...anywhere,
      accept: cancels('EPROTO'),
      data: cancels('EPROTO'),
      end: cancels('EPROTO'),
      ack: DONE,
      result: DONE,
      'error of it': fails('EIO'),
    },
  },
  {
    when: 'after the result',
    wish: 'read',
    before: [...BEGUN, served(), CONTENT_DATA, sent()],
    id: 1,
    after: [],
    fates: { ...anywhere, ...afterTheEnd, error: [DONE, fails('EIO')] },
  },
];

/** The frames, by their names in the tables above. */
function framesOf(id: number): Record<string, LooseFrame> {
  return {
    hello: frame('hello', { version: 1 }),
    open: frame('open', { id, op: 'stat' }),
    end: frame('end', { id, size: 5 }),
    cancel: frame('cancel', { id }),
    welcome: WELCOME,
    accept: frame('accept', { id }),
    data: data(id, 'x'),
    ack: frame('ack', { id, offset: 0, window: 0 }),
    result: frame('result', { id }),
    'error of it': frame('error', { code: 'EIO', id }),
    error: frame('error', { code: 'EIO' }),
    ping: frame('ping', { token: 1 }),
    pong: frame('pong', { token: 1 }),
    strange: frame('strange', { future: 1 }),
    'strange of it': frame('strange', { id, length: 3 }, 'abc'),
    'strange with a check': plus(frame('strange', { id }), 'check', 1),
    goaway: frame('goaway', { lastId: 1 }),
    entry: frame('entry', { path: 'a', kind: 'file' }),
  };
}

function momentCase(
  { when, wish, before, after, fates }: Moment,
  name: string,
  said: LooseFrame,
): ClientCase {
  const isDamaged = name === 'strange with a check';
  const isOver = when === 'after the result';
  return {
    name: `${name} ${when}`,
    // In binary the fields of an unknown frame are not read.
    ...(isDamaged ? { codecs: ['text', 'json', 'xml'] } : {}),
    wish,
    // The second of two welcomes is one too many.
    says: [...before, said, ...after],
    fate: isDamaged ? [...DAMAGED, ...(isOver ? [DONE] : [])] : (fates[name] ?? EPROTO),
  };
}

/** All of them. */
export const clientMomentCases: readonly ClientCase[] = moments.flatMap((moment) =>
  Object.entries(framesOf(moment.id)).map(([name, said]) => momentCase(moment, name, said)),
);
