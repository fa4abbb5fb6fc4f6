/** Classes of characters in a pattern, such as `[a-z]`, `[!0-9]` and `[[:digit:]_]`. */

/** Whether a character is in the class. */
export type CharacterClass = (character: string) => boolean;

interface ParsedClass {
  readonly matches: CharacterClass;
  /** The index of the `]`. */
  readonly end: number;
}

/** The named classes, for ASCII. */
const named: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[\x21-\x7e]/,
  lower: /[a-z]/,
  print: /[\x20-\x7e]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[A-Fa-f0-9]/,
};

/** Parses the class that begins at `start`; undefined if it has no end, or names a class that does not exist. */
export function characterClass(characters: readonly string[], start: number): ParsedClass | undefined {
  let index = start + 1;
  const isNegated = characters[index] === '!' || characters[index] === '^';
  if (isNegated) index++;
  const tests: CharacterClass[] = [];
  // A `]` in the first place is a member.
  for (let isFirst = true; isFirst || characters[index] !== ']'; isFirst = false) {
    const member = parseMember(characters, index);
    if (!member) return undefined;
    tests.push(member.matches);
    index = member.end;
  }
  const matches: CharacterClass = (character) =>
    character !== '/' && tests.some((test) => test(character)) !== isNegated;
  return { matches, end: index };
}

/** A member of a class. `end` is the index behind it. */
function parseMember(characters: readonly string[], index: number): ParsedClass | undefined {
  if (characters[index] === '[' && characters[index + 1] === ':') return parseNamed(characters, index);
  const first = parseCharacter(characters, index);
  if (!first) return undefined;
  const { character: low, end } = first;
  if (characters[end] !== '-' || characters[end + 1] === ']' || characters[end + 1] === undefined)
    return { matches: (character) => character === low, end };
  const last = parseCharacter(characters, end + 1);
  if (!last) return undefined;
  const [from, to] = [codePoint(low), codePoint(last.character)];
  return {
    matches: (character) => codePoint(character) >= from && codePoint(character) <= to,
    end: last.end,
  };
}

function parseNamed(characters: readonly string[], index: number): ParsedClass | undefined {
  const close = characters.indexOf(']', index + 2);
  if (close < 0) return undefined;
  // Without the colon before the bracket, `[` is a member like any other.
  if (characters[close - 1] !== ':' || close - 1 < index + 2)
    return { matches: (character) => character === '[', end: index + 1 };
  const pattern = named[characters.slice(index + 2, close - 1).join('')];
  return pattern && { matches: (character) => pattern.test(character), end: close + 1 };
}

function parseCharacter(
  characters: readonly string[],
  index: number,
): { character: string; end: number } | undefined {
  const isEscaped = characters[index] === '\\';
  const character = characters[isEscaped ? index + 1 : index];
  return character === undefined ? undefined : { character, end: index + (isEscaped ? 2 : 1) };
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
