/** Columns of texts on a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';

/** Made by the first text that needs them: with both, the help would take a fifth longer. */
let segmenter: Intl.Segmenter | undefined;
let emoji: RegExp | undefined;

/** The columns of a text without control characters. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const segment of graphemesOf(text)) columns += graphemeWidth(segment);
  return columns;
}

/** A text of at most that many columns. What is too long loses its middle, because names differ at both ends. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return '';
  const graphemes = graphemesOf(text);
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
  emoji ??= new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');
  if (emoji.test(grapheme)) return 2;
  if (/^\p{M}/u.test(grapheme)) return 0;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
