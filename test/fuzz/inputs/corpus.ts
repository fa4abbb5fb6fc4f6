/** The inputs that were found, or that are worth to be run each time: `corpus/<target>/<name>.txt`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { inputBytes, inputText } from './input-text.js';

/** An input that is kept. */
export interface KeptInput {
  readonly name: string;
  readonly input: Buffer;
}

/** The kept inputs of a target, if there are any. */
export function keptInputs(corpus: string, target: string): KeptInput[] {
  const folder = path.join(corpus, target);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return names.sort().map((name) => ({ name, input: readInput(path.join(folder, name)) }));
}

/** The input of a file. */
export function readInput(file: string): Buffer {
  return inputBytes(readFileSync(file, 'utf8'));
}

/** Saves an input, and returns its path. */
export function keepInput(corpus: string, target: string, input: Buffer): string {
  const folder = path.join(corpus, target);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `found-${crc32(input).toString(16).padStart(8, '0')}.txt`);
  writeFileSync(file, inputText(input));
  return file;
}

/** Writes inputs as they are. */
export function exportInputs(folder: string, inputs: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, input] of inputs.entries()) writeFileSync(path.join(folder, `input-${index}`), input);
}
