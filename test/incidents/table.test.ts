/** The table of incidents, against the tests that it names. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';

const folder = path.join(repositoryRoot, 'test', 'incidents');

const rows = readFileSync(path.join(folder, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('.test.ts'))
  .map((line) => {
    const incident = line.split('|')[1]?.trim() ?? '';
    return { incident, files: [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) => file) };
  });

describe('the tests of an incident carry its name', () => {
  it('in all of at least 14 rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(14);
  });

  it.each(rows)('$incident', ({ incident, files }) => {
    for (const file of files) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const names = [...text.matchAll(/['`]([^'`\n]+)['`]/g)].map(([, name = '']) => name);
      const words = incident.split(', ');
      const isNamed = names.some((name) => words.some((word) => name.includes(word)));
      expect(isNamed, `${file} has no test of ${incident}.`).toBe(true);
    }
  });
});
