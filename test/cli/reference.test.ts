import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { variables } from '../../src/cli/connection/variables.js';
import { flagOf } from '../../src/cli/runner/option-spec.js';
import { referencePage } from '../support/cli/reference.js';
import { repositoryRoot } from '../support/repository.js';

const page = path.join(repositoryRoot, 'docs/reference/command-line.md');

describe('the table of commands', () => {
  it('is what the reference page says', async () => {
    const settings = JSON.parse(
      await readFile(path.join(repositoryRoot, '.prettierrc.json'), 'utf8'),
    ) as object;
    await expect(await format(referencePage(), { ...settings, parser: 'markdown' })).toMatchFileSnapshot(
      page,
    );
  });

  it('has every command once', () => {
    const names = commands.map(({ command }) => command.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(commands.map(({ command }) => command))(
    'has options of $name that do not collide',
    ({ options }) => {
      const letters = Object.values(options).flatMap(({ short }) => short ?? []);
      expect(new Set(letters).size).toBe(letters.length);
      expect(letters).not.toContain('h');
      // The parser takes the prefix for the opposite of an option.
      expect(Object.keys(options).filter((name) => /^no[A-Z]/.test(name))).toEqual([]);
      const names = Object.values(options).flatMap(({ variable }) => variable ?? []);
      expect(names.filter((name) => !Object.hasOwn(variables, name))).toEqual([]);
    },
  );

  it.each(commands.map(({ command }) => command))(
    'has options of $name that a program test uses',
    async (command) => {
      const text = await programTests();
      const unused = Object.keys(command.options).filter((name) => !text.includes(`'${flagOf(name)}`));
      expect(unused).toEqual([]);
      expect(text).toContain(`'${command.name}'`);
    },
  );

  it('loads the code of every command', async () => {
    for (const { load } of commands) expect(await load()).toBeTypeOf('function');
  });
});

async function programTests(): Promise<string> {
  const folder = path.join(repositoryRoot, 'test/cli/programs');
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.test.ts'));
  return (await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')))).join('\n');
}
