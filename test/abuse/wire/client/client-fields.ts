/** Frames of a server's whose fields are wrong, one at a time. */
import type { FrameType } from '../../../../src/protocol/frames.js';
import { EPROTO, fails, type ClientCase, type Step, type ClientRequest } from '../abuse-case.js';
import {
  ASKED,
  BEGUN,
  CONTENT_DATA,
  entry,
  found,
  listing,
  sent,
  served,
  taken,
  WELCOME,
} from './client-frames.js';
import { wrongFrames } from '../frames/field-abuse.js';
import { frame, type LooseFrame } from '../frames/loose-frame.js';

interface RightFrame {
  readonly type: FrameType;
  readonly wish: ClientRequest;
  readonly before: readonly Step[];
  readonly right: LooseFrame;
}

/** Each frame of a server in its correct form, with the frames before it. */
const rightFrames: readonly RightFrame[] = [
  { type: 'welcome', wish: 'read', before: [], right: WELCOME },
  { type: 'accept', wish: 'read', before: BEGUN, right: served() },
  { type: 'data', wish: 'read', before: [...BEGUN, served()], right: CONTENT_DATA },
  {
    type: 'ack',
    wish: 'write',
    before: [...BEGUN, taken()],
    right: frame('ack', { id: 1, offset: 0, window: 5 }),
  },
  { type: 'result', wish: 'read', before: [...BEGUN, served(), CONTENT_DATA], right: sent() },
  { type: 'result', wish: 'stat', before: BEGUN, right: found() },
  { type: 'error', wish: 'stat', before: BEGUN, right: frame('error', { code: 'EIO', id: 1 }) },
  { type: 'ping', wish: 'stat', before: BEGUN, right: frame('ping', { token: 1 }) },
  { type: 'pong', wish: 'stat', before: BEGUN, right: frame('pong', { token: 1 }) },
  { type: 'goaway', wish: 'stat', before: BEGUN, right: frame('goaway', { lastId: 1 }) },
];

const frameCases = rightFrames.flatMap(({ type, wish, before, right }) =>
  wrongFrames(type, right).map(({ name, frame: wrong, codecs }): ClientCase => ({
    name: `${name}, for ${wish}`,
    wish,
    says: [...before, wrong],
    fate: EPROTO,
    ...(codecs ? { codecs } : {}),
  })),
);

/** An entry that is wrong breaks its listing, not the connection. */
const entryCases = wrongFrames('entry', entry()).map(({ name, frame: wrong, codecs }): ClientCase => ({
  name,
  wish: 'list',
  says: listing(wrong),
  fate: fails('EPROTO'),
  ...(codecs ? { codecs } : {}),
}));

/** A check that is wrong, or that is missing where `welcome` had one. */
const checkCases = [
  WELCOME,
  served(),
  sent(),
  frame('error', { code: 'EIO', id: 1 }),
  frame('goaway', { lastId: 1 }),
].map((said): ClientCase => ({
  name: `${said.type} with a wrong check`,
  wish: 'read',
  says: [
    ...(said.type === 'welcome' ? [ASKED] : BEGUN),
    ...(said.type === 'result' ? [served(), CONTENT_DATA] : []),
    { ...said, fields: [...said.fields, ['check', 1]] },
  ],
  fate: { error: 'EBADMSG' },
}));

/** All of them. */
export const clientFieldCases: readonly ClientCase[] = [...frameCases, ...entryCases, ...checkCases];
