/**
 * Patterns of names and paths, as in `.gitignore`. Names come from the peer, so that no name may take long: both matchers
 * return to their last star only, which takes at most the product of both lengths.
 */
import { characterClass, type CharacterClass } from './character-class.js';

/** What a place of a pattern matches: one character, any one character, one of a class, or any number of characters. */
type Token = string | typeof ANY | typeof STAR | CharacterClass;

const ANY = Symbol('?');
const STAR = Symbol('*');

/** The pattern of one name. */
export type NamePattern = readonly Token[];

/** Parses the pattern of a name; undefined if nothing can match it: a class without an end, or a `\` at the end. */
export function parseNamePattern(text: string): NamePattern | undefined {
  const characters = Array.from(text);
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    if (character === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (character === '?') {
      tokens.push(ANY);
    } else if (character === '[') {
      const parsed = characterClass(characters, index);
      if (!parsed) return undefined;
      tokens.push(parsed.matches);
      index = parsed.end;
    } else if (character === '\\') {
      const escaped = characters[++index];
      if (escaped === undefined) return undefined;
      tokens.push(escaped);
    } else {
      tokens.push(character);
    }
  }
  return tokens;
}

/** Whether a pattern matches a whole name. */
export function matchesName(pattern: NamePattern, name: string): boolean {
  const characters = Array.from(name);
  return matchesAll(pattern, characters, {
    isStar: (token) => token === STAR,
    matches: (token, character) => {
      if (typeof token === 'string') return token === character;
      return token === ANY || (typeof token === 'function' && token(character));
    },
  });
}

interface Rules<Place, Item> {
  readonly isStar: (place: Place) => boolean;
  readonly matches: (place: Place, item: Item) => boolean;
}

/** Whether places match items one by one, where a star matches any number of items. */
export function matchesAll<Place, Item>(
  places: readonly Place[],
  items: readonly Item[],
  { isStar, matches }: Rules<Place, Item>,
): boolean {
  let place = 0;
  let item = 0;
  /** After the last star, and the item that it would take next. */
  let retryPlace = -1;
  let retryItem = 0;
  while (item < items.length) {
    const current = places[place];
    if (place < places.length && isStar(current as Place)) {
      retryPlace = ++place;
      retryItem = item;
    } else if (place < places.length && matches(current as Place, items[item] as Item)) {
      place++;
      item++;
    } else if (retryPlace >= 0) {
      place = retryPlace;
      item = ++retryItem;
    } else {
      return false;
    }
  }
  while (place < places.length && isStar(places[place] as Place)) place++;
  return place === places.length;
}
