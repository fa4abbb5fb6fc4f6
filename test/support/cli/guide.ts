/** The transcripts of a guide: blocks of the language `console`, with commands behind `$ ` and what they write. */
import { fencesOf } from '../../docs/markdown.js';

/** A command, and the lines that it writes. */
export interface TranscriptStep {
  readonly command: string;
  readonly lines: readonly string[];
}

/** The steps of all transcripts of a page, in their order. */
export function transcriptSteps(file: string, page: string): TranscriptStep[] {
  const lines = fencesOf(file, page)
    .filter(({ language }) => language === 'console')
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => line !== '');
  const steps: { command: string; lines: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), lines: [] });
    else steps.at(-1)?.lines.push(line);
  }
  return steps;
}

/** Lines of a program as a guide shows them: without the port of the test, and with times and rates that are the same. */
export function asInGuide(text: string): string[] {
  return text
    .replaceAll(/(127\.0\.0\.1):\d+/g, '$1')
    .replaceAll(/port \d+ of/g, 'port 2121 of')
    .replaceAll(/\d+(?:\.\d+)? (?:ms|s)\b/g, '1 ms')
    .replaceAll(/\d+(?:\.\d+)? [KMG]?i?B\/s/g, '1 MiB/s')
    .split('\n')
    .filter((line) => line !== '');
}
