/**
 * Rules as in `.gitignore`, of which the last match decides. What is in an ignored directory is ignored, whatever the
 * rules say of it: such a directory is not entered.
 */
import { matchesAll, matchesName, parseNamePattern, type NamePattern } from './glob.js';

/** One name of a path, or any number of names. */
type Place = NamePattern | typeof ANY_DEPTH;

const ANY_DEPTH = Symbol('**');

interface IgnoreRule {
  readonly places: readonly Place[];
  readonly isNegated: boolean;
  readonly onlyDirectories: boolean;
  /** Whether only the last name of a path counts. */
  readonly isName: boolean;
}

export class IgnoreRules {
  /** The last line first. */
  readonly #rules: readonly IgnoreRule[];

  /** @param lines - in the order of a `.gitignore` */
  constructor(lines: readonly string[]) {
    this.#rules = lines.flatMap((line) => parseRule(line) ?? []).reverse();
  }

  /** Whether an entry is ignored, in a directory that is not. */
  ignores(path: string, isDirectory: boolean): boolean {
    if (this.#rules.length === 0) return false;
    const names = path.split('/');
    const rule = this.#rules.find(
      (candidate) => (isDirectory || !candidate.onlyDirectories) && matchesPath(candidate, names),
    );
    return rule !== undefined && !rule.isNegated;
  }
}

function matchesPath({ places, isName }: IgnoreRule, names: readonly string[]): boolean {
  const [first] = places;
  if (isName && first !== undefined && first !== ANY_DEPTH)
    return matchesName(first, names[names.length - 1] as string);
  return matchesAll(places, names, {
    isStar: (place) => place === ANY_DEPTH,
    matches: (place, name) => place !== ANY_DEPTH && matchesName(place, name),
  });
}

function parseRule(line: string): IgnoreRule | undefined {
  let text = withoutTrailingSpaces(line.startsWith('\ufeff') ? line.slice(1) : line);
  if (text === '' || text.startsWith('#')) return undefined;
  const isNegated = text.startsWith('!');
  if (isNegated) text = text.slice(1);
  const onlyDirectories = text.endsWith('/');
  if (onlyDirectories) text = text.slice(0, -1);
  const isName = !text.includes('/');
  const places = parsePlaces(text.startsWith('/') ? text.slice(1) : text, isName);
  return places && { places, isNegated, onlyDirectories, isName };
}

/** Undefined for a pattern that matches nothing. */
function parsePlaces(text: string, isName: boolean): Place[] | undefined {
  if (text === '') return undefined;
  const segments = text.split('/');
  const places: Place[] = [];
  for (const [index, segment] of segments.entries()) {
    const pattern = parseNamePattern(segment);
    if (!pattern) return undefined;
    if (segment !== '**' || isName) places.push(pattern);
    // At the end, `**` stands for at least one name.
    else if (index === segments.length - 1) places.push(ANY_DEPTH, pattern);
    else places.push(ANY_DEPTH);
  }
  return places;
}

/** Spaces at the end do not count, except one behind a backslash. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ') end--;
  if (end === line.length) return line;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === '\\') backslashes++;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}
