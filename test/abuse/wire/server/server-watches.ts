/** Watches and followed downloads that are wrong, too many, or never taken. */
import { alive, hears, type ServerCase, type Step } from '../abuse-case.js';
import { data, frame, type Value } from '../frames/loose-frame.js';
import { hostilePaths } from './hostile-paths.js';
import { HELLO } from './server-fields.js';

const MAX = Number.MAX_SAFE_INTEGER;

/** A request with these fields, with steps after it, and how it ends. */
function request(
  [op, ends]: readonly [string, string | readonly string[]],
  fields: Readonly<Record<string, Value>>,
  ...more: readonly Step[]
): ServerCase {
  const said = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value).slice(0, 40)}`);
  return {
    name: `${op} ${said.join(' ')}${more.length > 0 ? ` and ${more.length} frames` : ''}`,
    says: [HELLO, frame('open', { id: 1, op, ...fields }), ...more],
    fate: [ends].flat().map((end) => alive({ 1: end })),
  };
}

const cancel = frame('cancel', { id: 1 });

const watches = Array.from({ length: 20 }, (_, index) =>
  frame('open', { id: 2 * index + 1, op: 'watch', window: 65_536 }),
);

const cancels = watches.map((_, index) => frame('cancel', { id: 2 * index + 1 }));

/** All of them: each watch is cancelled, because it has no other end. */
export const serverWatchCases: readonly ServerCase[] = [
  request(['watch', 'ECANCELED'], {}, hears('accept', 1), cancel),
  request(['watch', 'ECANCELED'], { window: MAX }, hears('accept', 1), cancel),
  request(['watch', 'ECANCELED'], { window: 0, recursive: true }, hears('accept', 1), cancel),
  request(
    ['watch', 'ECANCELED'],
    { path: 'docs', recursive: true, offset: MAX, size: MAX, follow: true, to: '..' },
    hears('accept', 1),
    cancel,
  ),
  request(['watch', 'ENOTDIR'], { path: 'small' }),
  request(['watch', 'ENOENT'], { path: 'nowhere' }),
  request(['watch', 'ENOTSUP'], { checksum: 'md5' }),
  request(['watch', 'ECANCELED'], { window: 65_536 }, hears('accept', 1), cancel),
  request(['watch', 'ECANCELED'], { window: 0 }, cancel),
  request(['watch', 'EPROTO'], {}, hears('accept', 1), data(1, 'x')),
  request(['watch', 'EPROTO'], {}, hears('accept', 1), frame('end', { id: 1, size: 0 })),
  request(
    ['watch', 'EPROTO'],
    { window: 0 },
    hears('accept', 1),
    frame('ack', { id: 1, offset: 1, window: 0 }),
  ),
  request(
    ['watch', 'ECANCELED'],
    {},
    hears('accept', 1),
    frame('ack', { id: 1, offset: 0, window: MAX }),
    cancel,
  ),
  ...hostilePaths.flatMap(({ path, code }) => [
    request(['watch', [code, 'EMSGSIZE', 'EILSEQ']], { path }),
    request(['download', [code, 'EMSGSIZE', 'EILSEQ']], { path, follow: true }),
  ]),
  request(['download', 'ECANCELED'], { path: 'small', follow: true, window: 0 }, cancel),
  request(
    ['download', 'ECANCELED'],
    { path: 'small', follow: true, window: 65_536, offset: 5 },
    hears('accept', 1),
    cancel,
  ),
  request(['download', 'ERANGE'], { path: 'small', follow: true, offset: MAX }),
  request(['download', 'EISDIR'], { path: 'docs', follow: true }),
  request(['download', 'ENOENT'], { path: 'nowhere', follow: true }),
  request(['download', 'ECANCELED'], { path: 'small', follow: true }, hears('accept', 1), cancel),
  {
    name: 'more watches than there may be',
    says: [HELLO, ...watches, ...cancels],
    fate: alive({ 1: 'ECANCELED', 31: 'ECANCELED', 33: 'EAGAIN', 39: 'EAGAIN' }),
  },
  {
    name: 'watches opened and cancelled',
    says: [
      HELLO,
      ...Array.from({ length: 200 }, (_, index) => [
        frame('open', { id: 2 * index + 1, op: 'watch', window: 0 }),
        frame('cancel', { id: 2 * index + 1 }),
      ]).flat(),
    ],
    fate: alive(),
  },
];
