/** Columns of texts on a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');

/** The columns of a text without control characters. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += graphemeWidth(segment);
  return columns;
}

/** A text of at most that many columns. What is too long loses its middle, because names differ at both ends. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return '';
  const graphemes = [...segmenter.segment(text)].map(({ segment }) => segment);
  const tail = takeColumns(graphemes.toReversed(), Math.floor((columns - 1) / 2)).toReversed();
  const head = takeColumns(graphemes, columns - 1 - textWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

/** The text, followed by spaces up to that many columns. */
export function padText(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

function takeColumns(graphemes: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const grapheme of graphemes) {
    left -= graphemeWidth(grapheme);
    if (left < 0) break;
    taken.push(grapheme);
  }
  return taken;
}

function graphemeWidth(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  if (/^\p{M}/u.test(grapheme)) return 0;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}
