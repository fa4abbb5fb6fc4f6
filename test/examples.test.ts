import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './support/repository.js';
import { runNode } from './support/package/run.js';

const MAX_LINES = 40;

const folder = path.join(repositoryRoot, 'examples');
const examples = readdirSync(folder).filter((file) => /^\d\d-.*\.js$/.test(file));

describe('the examples', () => {
  it('have unique numbers', () => {
    const numbers = examples.map((file) => file.slice(0, 2));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual([...new Set(numbers)]);
  });

  it.each(examples)(`%s has at most ${MAX_LINES} lines and is checked by the compiler`, (file) => {
    const lines = readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
    expect(lines).toContain('// @ts-check');
  });

  it.concurrent.each(examples)('%s runs to its end without a warning', async (file) => {
    const outcome = await runNode([path.join('examples', file)], { cwd: repositoryRoot });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });
});
