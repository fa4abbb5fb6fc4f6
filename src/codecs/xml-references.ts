/** What stands for a character in an attribute's value: the five entities, and references by number. */
import { TransferError } from '../errors.js';

/** A text as the value of an attribute in double quotes. */
export function escapeAttribute(text: string): string {
  return text.replace(ESCAPED, (character) => {
    const name = names.get(character);
    // Valid fields hold no control characters. Were one there, it would still not become a line end.
    return name === undefined ? `&#${character.charCodeAt(0)};` : `&${name};`;
  });
}

/** The text that the value of an attribute says. Throws EPROTO at a reference that is not allowed. */
export function unescapeAttribute(value: string): string {
  return value.includes('&') ? value.replace(REFERENCE, characterOf) : value;
}

const characters = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const names = new Map(Array.from(characters, ([name, character]) => [character, name]));

const ESCAPED = /[&<>"'\u0000-\u001f\u007f-\u009f]/g;

// The last alternative is an ampersand that begins no reference at all.
const REFERENCE = /&(?:#x[0-9A-Fa-f]+|#[0-9]+|[a-z]+);|&/g;

function characterOf(reference: string): string {
  const name = reference.slice(1, -1);
  if (!name.startsWith('#')) {
    const character = characters.get(name);
    if (character === undefined) throw new TransferError('EPROTO', 'A header holds an unknown XML entity.');
    return character;
  }
  const codePoint = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  if (!isXmlCharacter(codePoint))
    throw new TransferError('EPROTO', 'A header refers to what is no XML character.');
  return String.fromCodePoint(codePoint);
}

// The production Char of XML 1.0.
function isXmlCharacter(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x9 || codePoint === 0xa || codePoint === 0xd;
  if (codePoint <= 0xd7ff) return true;
  return (codePoint >= 0xe000 && codePoint <= 0xfffd) || (codePoint >= 0x10000 && codePoint <= 0x10ffff);
}
