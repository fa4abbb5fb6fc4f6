/** Texts of peers and file systems, made safe for a terminal. */

// C0, DEL and C1; what reverses or hides text; line separators; halves of a character.
const UNSAFE = /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]/gu;

/** Each control character as `\x1b` or `\u202e`. A terminal that shows the result does nothing else. */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** JSON in which no control character stands as it is. It is the same value. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.replaceAll(UNSAFE, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
