/** Files that are almost valid JSON, made from a valid one. */
import type { Random } from '../../faults/fixtures/random.js';
import { mutated } from './mutation.js';

const VALUES = [
  'null',
  '-1',
  '1e400',
  '1.5',
  '"x"',
  '[]',
  '{}',
  'true',
  '9007199254740993',
  '"\\u0000"',
  '8.7e15',
];
const WORDS = [
  ...VALUES,
  '"size"',
  '"version"',
  '"path"',
  '"__proto__"',
  '"toString"',
  ':',
  ',',
  '{',
  '}',
  '"',
];
const dictionary = WORDS.map((word) => Buffer.from(word));

/** Such a file: one value of another kind, or bytes changed. */
export function jsonFile(right: Record<string, unknown>, random: Random): Buffer {
  const names = Object.keys(right);
  const changed = random.pick([...names, '']);
  const members = names.map((name) => {
    const value = name === changed ? random.pick(VALUES) : JSON.stringify(right[name]);
    return `${JSON.stringify(name)}:${value}`;
  });
  const bytes = Buffer.from(`{${members.join(',')}}`);
  return random.next() < 0.5 ? bytes : mutated(bytes, random, dictionary);
}
