/** Frames of a client's whose fields are wrong, one at a time. */
import type { FrameType } from '../../../../src/protocol/frames.js';
import { EPROTO, type ServerCase, type Step } from '../abuse-case.js';
import { wrongFrames } from '../frames/field-abuse.js';
import { data, frame, type LooseFrame } from '../frames/loose-frame.js';

export const HELLO = frame('hello', { version: 1 });
export const UPLOAD = frame('open', { id: 1, op: 'upload', path: 'target' });
export const STREAM = frame('open', { id: 1, op: 'stream', method: 'echo-stream', window: 0 });
export const HELD = frame('open', { id: 1, op: 'download', path: 'large', window: 0 });
export const STAT = frame('open', { id: 1, op: 'stat', path: 'small' });

/** Each frame of a client in its correct form, with the frames before it. */
const rightFrames: readonly { type: FrameType; before: readonly Step[]; right: LooseFrame }[] = [
  { type: 'hello', before: [], right: HELLO },
  { type: 'open', before: [HELLO], right: STAT },
  { type: 'data', before: [HELLO, UPLOAD], right: data(1, 'hello') },
  { type: 'ack', before: [HELLO, HELD], right: frame('ack', { id: 1, offset: 0, window: 0 }) },
  { type: 'end', before: [HELLO, UPLOAD], right: frame('end', { id: 1, size: 0 }) },
  { type: 'error', before: [HELLO], right: frame('error', { code: 'EIO' }) },
  { type: 'cancel', before: [HELLO, HELD], right: frame('cancel', { id: 1 }) },
  { type: 'ping', before: [HELLO], right: frame('ping', { token: 7 }) },
  { type: 'pong', before: [HELLO], right: frame('pong', { token: 7 }) },
];

/** All of them. */
export const serverFieldCases: readonly ServerCase[] = rightFrames.flatMap(({ type, before, right }) =>
  wrongFrames(type, right).map(({ name, frame: wrong, codecs }) => ({
    name,
    says: [...before, wrong],
    fate: EPROTO,
    ...(codecs ? { codecs } : {}),
  })),
);
