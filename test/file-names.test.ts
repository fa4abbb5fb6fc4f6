import { describe, expect, it } from 'vitest';
import { exportsOf } from './support/sources/exports.js';
import { readSources } from './support/sources/sources.js';

/** What the package exports. */
const ENTRIES = new Set(['index.ts', 'client.ts', 'protocol.ts']);

/** Tables of constants, which no single export can name. */
const TABLES = new Set(['protocol/limits.ts', 'server/http/limits.ts', 'errors.ts']);

describe('the name of a source file', () => {
  it('is the name of an export of the file', async () => {
    const misnamed = [...(await readSources())].flatMap(([file, text]) => misnamings(file, text));
    expect(misnamed).toEqual([]);
  });

  it.each([
    ['session/frame-queue.ts', 'export class FrameQueue {}'],
    ['session/frame-queue.ts', 'export interface FrameQueueOptions {}'],
    ['protocol/frames.ts', 'export type Frame = string;'],
    ['protocol/remote-path.ts', 'export function parseRemotePath() {}'],
    ['index.ts', "export * from './errors.js';"],
  ])('fits in %s: %s', (file, text) => {
    expect(misnamings(file, text)).toEqual([]);
  });

  it.each([
    ['session/queue.ts', 'export class FrameQueue {}', 'session/queue.ts must be called frame-queue.ts.'],
    ['session/misc.ts', 'export function parse() {}', 'session/misc.ts is named after none of: parse.'],
    ['session/empty.ts', 'const a = 1;', 'session/empty.ts is named after none of: .'],
  ])('does not fit in %s: %s', (file, text, misnaming) => {
    expect(misnamings(file, text)).toEqual([misnaming]);
  });
});

/** A file with one class has the name of the class; every other one has words of one of its exports. */
function misnamings(file: string, text: string): string[] {
  const base = file.replace(/^.*\/|\.ts$/g, '');
  if (base === 'index' || ENTRIES.has(file) || TABLES.has(file)) return [];
  const { names, classes } = exportsOf(file, text);
  const words = kebab(base);
  const [onlyClass] = classes;
  if (onlyClass !== undefined && classes.length === 1) {
    return words === kebab(onlyClass) ? [] : [`${file} must be called ${kebab(onlyClass)}.ts.`];
  }
  const isNamedAfter = names.some((name) => `-${kebab(name)}-`.includes(`-${words}-`));
  return isNamedAfter ? [] : [`${file} is named after none of: ${names.join(', ')}.`];
}

function kebab(name: string): string {
  return name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_/g, '-')
    .toLowerCase()
    .split('-')
    .map(singular)
    .join('-');
}

function singular(word: string): string {
  return word.replace(/ies$/, 'y').replace(/(?<=[^su])s$/, '');
}
