import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IgnoreRules } from '../../../../src/client/directories/filter/ignore-rules.js';

const hasGit = spawnSync('git', ['--version']).status === 0;

/** Lines of ignore files, each with every path. */
const ignoreFiles: string[][] = [
  ['*.log'],
  ['/a.log', 'b/'],
  ['*.log', '!keep.log'],
  ['build', '!build/keep.txt'],
  ['b/**'],
  ['**/c'],
  ['a/**/c'],
  ['a/*/c'],
  ['**'],
  ['**/'],
  ['/**'],
  ['a**c'],
  ['**c'],
  ['a/**c'],
  ['?.txt', '[ab].txt', '[!a]x', '[^a]y'],
  ['[]]x', '[a-c]z', '[[:digit:]]x', '[a-]q', '[\\]]w'],
  ['\\#x', '\\!y', '# comment', ''],
  ['x\\ ', 'y  ', 'z\\\\ '],
  ['a/', '!a/b'],
  ['*', '!*/', '!*.txt'],
  ['[', '[a', 'a\\', '[[:nope:]]'],
  ['b/c', 'c/'],
  ['/', '//', 'a//c'],
  ['a/b/**', '!a/b/c'],
  ['**/a/**'],
  ['*a*a*a*a*b', '?*?'],
];

const paths = [
  'a.log',
  'b/a.log',
  'b/keep.log',
  'keep.log',
  'build/keep.txt',
  'build/x',
  'b',
  'a/b',
  'a/b/c',
  'a/b/d/c',
  'a/c',
  'c',
  'x/y/c',
  'ac',
  'abc',
  'a.txt',
  'b.txt',
  'c.txt',
  'ax',
  'bx',
  'ay',
  'by',
  ']x',
  'bz',
  '1x',
  '-q',
  ']w',
  '#x',
  '!y',
  'x ',
  'y',
  'y  ',
  'z\\',
  'q/a/r/s',
  'aaaab',
  'a/xc',
  'a/x/yc',
  '[',
  '[a',
  'a\\',
  'x/b/c',
];

// Windows cannot hold all of the names.
describe.skipIf(!hasGit || process.platform === 'win32')('the rules of an ignore file', () => {
  let files: string;
  let directories: string;

  beforeAll(() => {
    files = newRepository();
    directories = newRepository();
    for (const name of paths) fs.mkdirSync(path.join(directories, name), { recursive: true });
  });

  afterAll(() => {
    fs.rmSync(files, { recursive: true });
    fs.rmSync(directories, { recursive: true });
  });

  it.each(ignoreFiles)('ignore the files that git ignores: %j %j %j %j', (...lines: string[]) => {
    const rules = new IgnoreRules(lines);
    expect(paths.filter((name) => isIgnored(rules, name, false))).toEqual(ignoredByGit(files, lines));
  });

  it.each(ignoreFiles)('ignore the directories that git ignores: %j %j %j %j', (...lines: string[]) => {
    const rules = new IgnoreRules(lines);
    expect(paths.filter((name) => isIgnored(rules, name, true))).toEqual(ignoredByGit(directories, lines));
  });
});

describe('a pattern', () => {
  it('takes no long time for a name that almost matches it', () => {
    const rules = new IgnoreRules([`${'*a'.repeat(8)}*b`, `${'**/a/'.repeat(8)}b`]);
    const started = process.cpuUsage();
    for (let round = 0; round < 1_000; round++) {
      expect(rules.ignores('a'.repeat(30), false)).toBe(false);
      expect(rules.ignores(Array(30).fill('a').join('/'), false)).toBe(false);
    }
    // A matcher with unlimited backtracking takes seconds for each.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(4_000);
  });

  it('matches characters, not bytes', () => {
    expect(new IgnoreRules(['?.txt']).ignores('é.txt', false)).toBe(true);
    expect(new IgnoreRules(['[à-ü]']).ignores('é', false)).toBe(true);
    expect(new IgnoreRules(['?']).ignores('😀', false)).toBe(true);
  });
});

function newRepository(): string {
  const repository = fs.mkdtempSync(path.join(os.tmpdir(), 'ignore-'));
  execFileSync('git', ['init', '-q', repository]);
  return repository;
}

/** Those of `paths` that git ignores. A path that does not exist is a file for git. */
function ignoredByGit(repository: string, lines: readonly string[]): string[] {
  fs.writeFileSync(path.join(repository, '.git', 'info', 'exclude'), lines.join('\n'));
  const { stdout } = spawnSync('git', ['-C', repository, 'check-ignore', '-z', '--stdin', '--no-index'], {
    input: paths.join('\0'),
    encoding: 'utf8',
  });
  return stdout.split('\0').filter((name) => name !== '');
}

/** A path in an ignored directory is ignored. */
function isIgnored(rules: IgnoreRules, name: string, isDirectory: boolean): boolean {
  const names = name.split('/');
  return names.some((_, index) =>
    rules.ignores(names.slice(0, index + 1).join('/'), index < names.length - 1 || isDirectory),
  );
}
