import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands.js';
import { candidates } from '../../../src/cli/completion/candidates.js';

const all = commands.map(({ command }) => command);

function valuesFor(...words: string[]): [kind: string, values: readonly string[]] {
  const found = candidates(all, words);
  return [found.kind, found.kind === 'remote' ? [found.url] : found.words.map(([value]) => value)];
}

describe('candidates', () => {
  it.each<[string[], string, string[]]>([
    [['sy'], 'words', ['sync']],
    [['help', 'ch'], 'words', ['check']],
    [['none', 'x'], 'words', []],
    [['sync', '--dr'], 'words', ['--dry-run']],
    [['get', '--codec', 'x'], 'words', ['xml']],
    [['get', '-e', 'x'], 'words', []],
    [['get', '--codec=b'], 'words', ['--codec=binary']],
    [['sync', '--ca', 'x'], 'files', []],
    [['ls', ''], 'open', ['socket-ftp://', 'socket-ftps://', 'socket-ftp+unix:///']],
    [['put', ''], 'files', []],
    [['put', '--fresh', 'socket-ftps'], 'files', ['socket-ftps://']],
    [['completion', 'b'], 'words', ['bash']],
    [['ls', 'socket-ftp://host/a'], 'remote', ['socket-ftp://host/a']],
  ])('for %j are %s %j', (words, kind, values) => {
    expect(valuesFor(...words)).toEqual([kind, values]);
  });

  it('have each command with its summary', () => {
    const found = candidates(all, ['']);
    expect('words' in found && found.words.length).toBe(all.length + 1);
  });
});
