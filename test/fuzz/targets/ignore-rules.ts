/** Ignore rules and names of a peer: an answer for all of them, soon, in which the last matching rule decides. */
import assert from 'node:assert/strict';
import { IgnoreRules } from '../../../src/client/directories/filter/ignore-rules.js';
import type { Random } from '../../faults/fixtures/random.js';
import { mutated } from '../inputs/mutation.js';
import { timed, type Outcome, type Target } from '../target.js';

export const ignoreRulesTarget: Target = { name: 'ignore-rules', inputs: 500_000, make, run };

const PATTERNS = [
  ...['*', '**', '?', '/', '/', '!', '\\', 'a', 'b', '.txt', ' ', '#', '[a-c]', '[!a]', '[[:digit:]]', '['],
  ...[']', '-', '[]a]', '[a-', '[[:no:]]', '\ufeff', 'ü', '\u{1f4c4}', '*a'.repeat(30), '**/'.repeat(30)],
];
const NAMES = [
  'a',
  'b',
  '1',
  '.txt',
  ' ',
  '#',
  'ü',
  '\u{1f4c4}',
  '__proto__',
  'a'.repeat(100),
  '[',
  ']',
  '\\',
];
const dictionary = [...PATTERNS, ...NAMES].map((word) => Buffer.from(word));

/** The first line is the path, the others are rules. */
function make(random: Random): Buffer {
  const word = (words: readonly string[], most: number): string =>
    Array.from({ length: random.integer(1, most) }, () => random.pick(words)).join('');
  const path = Array.from({ length: random.integer(1, 4) }, () => word(NAMES, 2)).join('/');
  const lines = Array.from({ length: random.integer(0, 3) }, () => word(PATTERNS, 6));
  const bytes = Buffer.from([path, ...lines].join('\n'));
  return random.next() < 0.5 ? bytes : mutated(bytes, random, dictionary);
}

function run(input: Buffer): Outcome {
  const [path = '', ...lines] = input.toString().split('\n');
  const { value: rules, ms } = timed(() => {
    const parsed = new IgnoreRules(lines);
    return [true, false].map((isDirectory) => parsed.ignores(path, isDirectory));
  });
  const [asDirectory, asFile] = rules;
  assert.equal(typeof asDirectory, 'boolean');
  const isAlone = lines.length === 1 && lines[0]?.startsWith('!') === false;
  // A rule of its own that ignores a file ignores a directory of the name as well.
  if (isAlone && asFile) assert.ok(asDirectory, 'a rule ignores files only');
  // What an earlier rule says is no matter if the last one decides.
  const all = new IgnoreRules([...lines, '*']);
  assert.ok(all.ignores(path, false), 'the last rule does not decide');
  assert.equal(new IgnoreRules([...lines, '!*']).ignores(path, true), false, 'the last rule does not decide');
  return { verdict: asDirectory || asFile ? 'accepted' : 'not ignored', ms };
}
