import { describe, expect, it } from 'vitest';
import { matchesName, parseNamePattern } from '../../../src/cli/url/wildcards.js';

const matches = (pattern: string, name: string): boolean => matchesName(parseNamePattern(pattern), name);

describe('a pattern', () => {
  it.each([
    ['*', 'a'],
    ['*.jpg', 'a.b.jpg'],
    ['a*', 'a'],
    ['?', 'é'],
    ['?', '😀'],
    ['[a-c]x', 'bx'],
    ['[!a-c]x', 'dx'],
    ['[^a]', 'b'],
    ['[]x]', ']'],
    ['[a-]', '-'],
    ['a**b', 'axxb'],
    ['%2A', '*'],
    ['%5Ba]', '[a]'],
    ['.*', '.hidden'],
    ['a*b*c', 'a1b2b3c'],
  ])('%s matches %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(true);
  });

  it.each([
    ['*', '.hidden'],
    ['?hidden', '.hidden'],
    ['[.]hidden', '.hidden'],
    ['*.jpg', 'a.png'],
    ['?', ''],
    ['?', 'ab'],
    ['[a-c]', 'd'],
    ['[!a]', 'a'],
    ['%2A', 'a'],
    ['a*b', 'a'],
    ['A', 'a'],
  ])('%s does not match %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(false);
  });

  it('without a closing bracket is refused', () => {
    expect(() => parseNamePattern('[a')).toThrow(/%5B/);
  });

  it('with many stars is compared in few steps with a name that nearly matches', () => {
    let steps = 0;
    const pattern = parseNamePattern('*a'.repeat(50) + '*b').map((token) =>
      token.kind === 'text'
        ? {
            kind: 'text' as const,
            get character() {
              steps += 1;
              return token.character;
            },
          }
        : token,
    );
    expect(matchesName(pattern, 'a'.repeat(200))).toBe(false);
    expect(steps).toBeLessThan(2 * 101 * 200);
  });
});
