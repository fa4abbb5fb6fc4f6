/** Floods of cheap frames: refused beyond the limit, without an effect on other connections. */
import { alive, type ServerCase } from '../abuse-case.js';
import { data, frame, type LooseFrame } from '../frames/loose-frame.js';
import { HELD, HELLO, UPLOAD } from './server-fields.js';

const many = (count: number, said: (number: number) => LooseFrame | readonly LooseFrame[]): LooseFrame[] =>
  Array.from({ length: count }, (_, number) => said(number)).flat();

const held = (number: number): LooseFrame =>
  frame('open', { id: 2 * number + 1, op: 'download', path: 'large', window: 0 });

/** All of them. */
export const serverFloodCases: readonly ServerCase[] = [
  {
    name: 'more channels than there may be',
    says: [HELLO, ...many(70, held)],
    fate: alive({ 1: 'open', 127: 'open', 129: 'EAGAIN', 139: 'EAGAIN' }),
  },
  {
    name: 'requests opened and cancelled',
    says: [HELLO, ...many(300, (at) => [held(at), frame('cancel', { id: 2 * at + 1 })])],
    // Beyond the limit of channels they are not begun, and there is nothing to cancel.
    fate: alive(),
  },
  {
    name: 'far too many requests opened and cancelled',
    says: [HELLO, ...many(6_000, (at) => [held(at), frame('cancel', { id: 2 * at + 1 })])],
    fate: [{ error: 'EFLOOD' }, alive()],
  },
  { name: 'pings', says: [HELLO, ...many(500, (token) => frame('ping', { token }))], fate: alive() },
  { name: 'pongs', says: [HELLO, ...many(500, (token) => frame('pong', { token }))], fate: alive() },
  {
    name: 'acks',
    says: [HELLO, HELD, ...many(500, () => frame('ack', { id: 1, offset: 0, window: 0 }))],
    fate: alive({ 1: 'open' }),
  },
  {
    name: 'unknown frames',
    says: [HELLO, HELD, ...many(500, () => frame('strange', { future: 1 }))],
    fate: alive({ 1: 'open' }),
  },
  {
    name: 'unknown frames with payload',
    says: [HELLO, ...many(100, () => frame('strange', { length: 100 }, Buffer.alloc(100)))],
    fate: alive(),
  },
  {
    name: 'an unknown frame with more payload than may be',
    says: [HELLO, frame('strange', { length: 4_294_967_295 })],
    fate: { error: 'EMSGSIZE' },
  },
  {
    name: 'data of one byte',
    says: [HELLO, UPLOAD, ...many(500, () => data(1, 'x'))],
    fate: alive({ 1: 'open' }),
  },
  {
    name: 'data of nothing',
    says: [HELLO, UPLOAD, ...many(500, () => data(1, ''))],
    fate: alive({ 1: 'open' }),
  },
  {
    name: 'uploads that are never ended',
    says: [HELLO, ...many(60, (at) => frame('open', { id: 2 * at + 1, op: 'upload', path: 'target' }))],
    fate: alive({ 1: 'open' }),
  },
];
