/**
 * Local names as strings. A name on a POSIX system is any bytes. Those that are not UTF-8 become the code units U+DC80 to
 * U+DCFF, which valid UTF-8 never gives, so that each name has one string and each string one name. Python does the same
 * (`surrogateescape`, PEP 383).
 */
import { isUtf8 } from 'node:buffer';
import path from 'node:path';

/** The first of the code units that stand for a byte. */
const ESCAPE_BASE = 0xdc00;

/** With the flag `u`, only code units that belong to no pair match. */
const ESCAPED = /[\udc80-\udcff]/u;

/** The string of a local name's bytes. */
export function localNameOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let name = '';
  for (let index = 0; index < bytes.length;) {
    const length = characterLength(bytes, index);
    if (length === 0) name += String.fromCharCode(ESCAPE_BASE + (bytes[index] ?? 0));
    else name += bytes.toString('utf8', index, index + length);
    index += length || 1;
  }
  return name;
}

/** The bytes of a local name or path, the inverse of {@link localNameOf}. */
export function localNameBytes(name: string): Buffer {
  if (!ESCAPED.test(name)) return Buffer.from(name);
  return Buffer.concat(
    Array.from(name, (character) =>
      ESCAPED.test(character) ? Buffer.of(character.charCodeAt(0) - ESCAPE_BASE) : Buffer.from(character),
    ),
  );
}

/** The argument for `fs` of a path below a local root: a string, or a Buffer if not all of it is UTF-8. */
export function pathBelow(root: string, below: string): string | Buffer {
  if (below === '') return root;
  const joined = root.endsWith(path.sep) || root.endsWith('/') ? root + below : root + path.sep + below;
  return ESCAPED.test(below) ? localNameBytes(joined) : joined;
}

/** Bytes of the character that begins here; 0 if none does. */
function characterLength(bytes: Buffer, index: number): number {
  for (let length = 1; length <= 4 && index + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(index, index + length))) return length;
  }
  return 0;
}
