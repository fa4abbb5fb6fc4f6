/**
 * Patterns of names: `*`, `?`, `[a-z]`, `[!a-z]`. Names come from a peer, so the matcher is linear in the name for each
 * `*`: two pointers, no recursion, at most |pattern| × |name| steps.
 */
import { usageError } from '../runner/usage-error.js';

/** What one character of a name must be. */
type Token =
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'text'; readonly character: string }
  | {
      readonly kind: 'set';
      readonly isNegated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** The pattern of one name. */
export type NamePattern = readonly Token[];

/** Whether an encoded path contains wildcards. Encoded ones, such as `%2A`, stand for themselves. */
export function hasWildcards(encoded: string): boolean {
  return /[*?[]/.test(encoded);
}

/** An encoded path without wildcards as it is. */
export function withoutWildcards(encoded: string): string {
  if (/%(?![\da-f]{2})/i.test(encoded)) throw usageError("A '%' in a URL is written as %25.");
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw usageError('The URL contains percent-encoded bytes that are not UTF-8.');
  }
}

/** Parses the pattern of one name, percent-encoded. */
export function parseNamePattern(encoded: string): NamePattern {
  const tokens: Token[] = [];
  let rest = encoded;
  while (rest !== '') {
    const [all, set, text] = /^(?:\[(!?\^?\]?[^\]]*)\]|([^*?[]+))/.exec(rest) ?? [rest[0] ?? ''];
    if (set !== undefined) tokens.push(parseSet(set));
    else if (text !== undefined) tokens.push(...literals(withoutWildcards(text)));
    else if (all === '[') throw usageError("A '[' in a pattern needs its ']'; as a character it is %5B.");
    else if (all === '?') tokens.push({ kind: 'any' });
    else if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    rest = rest.slice(all.length);
  }
  return tokens;
}

/** Whether a name matches. As in shells, a `.` at the beginning is matched by a `.` only. */
export function matchesName(pattern: NamePattern, name: string): boolean {
  const [first] = pattern;
  if (name.startsWith('.') && !(first?.kind === 'text' && first.character === '.')) return false;
  return matches(pattern, Array.from(name));
}

function matches(pattern: NamePattern, characters: readonly string[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const expected = pattern[token];
    if (expected?.kind === 'star') {
      star = token++;
      starAt = at;
    } else if (expected !== undefined && accepts(expected, characters[at] ?? '')) {
      at += 1;
      token += 1;
    } else if (star >= 0) {
      // The last `*` takes one character more; earlier ones need not be tried again.
      token = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[token]?.kind === 'star') token += 1;
  return token === pattern.length;
}

function accepts(token: Token, character: string): boolean {
  if (token.kind === 'text') return token.character === character;
  if (token.kind !== 'set') return true;
  const point = character.codePointAt(0) ?? 0;
  const isIn = token.ranges.some(
    ([from, to]) => point >= (from.codePointAt(0) ?? 0) && point <= (to.codePointAt(0) ?? 0),
  );
  return isIn !== token.isNegated;
}

function parseSet(text: string): Token {
  const isNegated = /^[!^]/.test(text);
  const characters = Array.from(withoutWildcards(isNegated ? text.slice(1) : text));
  const ranges: [string, string][] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const from = characters[index] ?? '';
    const to = characters[index + 2];
    const isRange = characters[index + 1] === '-' && to !== undefined;
    ranges.push([from, isRange ? to : from]);
    if (isRange) index += 2;
  }
  return { kind: 'set', isNegated, ranges };
}

function literals(text: string): Token[] {
  return Array.from(text).map((character) => ({ kind: 'text', character }));
}
