/**
 * Names that one side refuses, encoded for it: each byte of a refused character becomes `%` and two upper-case hexadecimal
 * digits. A `%` that stands before two such digits is encoded, too, and any other one stays, so that the encoding of every
 * name can be decoded, and no two names have the same one.
 */
import { localNameBytes, localNameOf } from './local-name.js';

const ESCAPE = /%([0-9A-F]{2})/g;
const LOOKS_ENCODED = /%(?=[0-9A-F]{2})/g;

/** Encodes the characters that match `refused`, a pattern with the flags `g` and `u`. */
export function encodeName(name: string, refused: RegExp): string {
  return name.replace(LOOKS_ENCODED, '%25').replace(refused, encodeCharacter);
}

/** Decodes a name; undefined unless `encodeName` gives this encoding for any name that a file can have. */
export function decodeName(encoded: string, refused: RegExp): string | undefined {
  if (!encoded.includes('%')) return encodeName(encoded, refused) === encoded ? encoded : undefined;
  const bytes = localNameBytes(encoded)
    .toString('latin1')
    .replace(ESCAPE, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  const name = localNameOf(Buffer.from(bytes, 'latin1'));
  // What is encoded without need has no place of its own on this side: its decoded name encodes to another one.
  return encodeName(name, refused) === encoded && !/[/\0]/.test(name) ? name : undefined;
}

function encodeCharacter(character: string): string {
  const digits = localNameBytes(character).toString('hex').toUpperCase();
  return digits.replace(/../g, '%$&');
}
