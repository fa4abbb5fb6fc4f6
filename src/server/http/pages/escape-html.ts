/** Text of a storage in a page: neither markup, nor characters that change how others are shown. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Control characters, and those that reverse the direction of text, so that a name looks like another one.
// Persian and Hindi words and some emoji need a joiner or a non-joiner (U+200C, U+200D); behind ASCII it would only hide.
const UNSHOWN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|(?<![^\0-\x7f])[\u200c\u200d]/g;

/** For the content of an element, and for an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(UNSHOWN, '\ufffd').replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
