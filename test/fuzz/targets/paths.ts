/** Paths from peers and from users: an accepted path stays within the root, a portable one on every system. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { TransferError } from '../../../src/errors.js';
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from '../../../src/protocol/limits.js';
import {
  isPortablePath,
  joinRemotePath,
  parseRemotePath,
  parseUserPath,
  splitPath,
  type RemotePath,
} from '../../../src/protocol/remote-path.js';
import type { Random } from '../../faults/fixtures/random.js';
import { mutated } from '../inputs/mutation.js';
import { timed, type Outcome, type Target } from '../target.js';

export const pathTarget: Target = { name: 'paths', inputs: 1_000_000, make, run };

const WORDS = [
  ...[
    'a',
    'b.txt',
    'reports',
    '/',
    '/',
    '/',
    '.',
    '..',
    '...',
    '\\',
    ':',
    'C:',
    '//',
    '*',
    '?',
    '"',
    '<',
    '|',
  ],
  ...[
    ' ',
    'NUL',
    'con',
    'COM1',
    'lpt9.txt',
    'aux.',
    'com¹',
    'conin$',
    '~',
    '%2e',
    '%2f',
    '\0',
    '\n',
    '\u0085',
  ],
  ...['ü', 'u\u0308', '日本', '\u{1f4c4}', '\u202e', '\u2215', '\uff0e', '\ud800', '\uffff', '\u00a0', '-'],
  ...['x'.repeat(255), 'y/'.repeat(1_000), '名'.repeat(85), 'ſ', 'K', '\u200d'],
];
const dictionary = WORDS.map((word) => Buffer.from(word, 'utf16le'));

// As UTF-16, so that lone surrogates are distinct.
function make(random: Random): Buffer {
  const words = Array.from({ length: random.integer(0, 6) }, () => random.pick(WORDS));
  const text = words.join(random.pick(['/', '/', '']));
  return random.next() < 0.5
    ? Buffer.from(text, 'utf16le')
    : mutated(Buffer.from(text, 'utf16le'), random, dictionary);
}

function run(input: Buffer): Outcome {
  const text = input.toString('utf16le', 0, input.length - (input.length % 2));
  const { value, ms } = timed(() => parsed(text, parseRemotePath));
  if (value instanceof TransferError) {
    assert.ok(['EILSEQ', 'ENAMETOOLONG'].includes(value.code), value.code);
    assertUserPath(text, undefined);
    return { verdict: value.code, ms };
  }
  assert.equal(value, text, 'a path is changed');
  assertWithin(value);
  assertUserPath(text, value);
  return { verdict: 'accepted', ms };
}

/** A user may start a path with one slash, and nothing else. */
function assertUserPath(text: string, remote: RemotePath | undefined): void {
  const user = parsed(text, parseUserPath);
  if (remote !== undefined) assert.equal(user, remote);
  else if (text === '' || text === '/') assert.equal(user, '');
  else if (!(user instanceof TransferError)) {
    assert.equal(text, `/${user}`);
    assertWithin(user);
  }
}

function assertWithin(checked: RemotePath): void {
  assert.ok(Buffer.byteLength(checked) <= MAX_PATH_BYTES);
  assert.equal(path.posix.normalize(checked), checked);
  assert.equal(path.posix.resolve('/root', checked), `/root/${checked}`);
  const isPortable = isPortablePath(checked);
  const onWindows = checked.replaceAll('/', '\\');
  if (isPortable) assert.equal(path.win32.resolve('C:\\root', checked), `C:\\root\\${onWindows}`);
  for (const segment of checked.split('/')) {
    assert.ok(segment.length > 0 && Buffer.byteLength(segment) <= MAX_SEGMENT_BYTES);
    assert.match(segment, /^(?!\.{1,2}$)[^\p{Cc}\p{Cs}\\/]+$/u);
    if (!isPortable) continue;
    assert.doesNotMatch(segment, /[:*?"<>|]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d) *(?:\.|$)/i);
  }
  assert.equal(Buffer.from(checked).toString(), checked, 'a path is no UTF-8');
  const { directory, name } = splitPath(checked);
  assert.equal(joinRemotePath(directory, name), checked);
}

function parsed(text: string, parse: (text: string) => RemotePath): RemotePath | TransferError {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TransferError) return error;
    throw error;
  }
}
