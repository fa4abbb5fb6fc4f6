/** The promises of the guide on security: each names a test that is there. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';
import { tableOf } from './tables.js';

const markdown = await readFile(path.join(repositoryRoot, 'docs/reference/security.md'), 'utf8');
const rows = tableOf(markdown, ['promise', 'file', 'test']);

describe('the promises of docs/reference/security.md', () => {
  it('are more than 20', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows.map((row) => [row['promise'] ?? '', row] as const))('%s', async (_promise, row) => {
    const file = (row['file'] ?? '').replaceAll('`', '');
    const text = await readFile(path.join(repositoryRoot, 'test', file), 'utf8');
    expect(text).toContain(row['test']);
  });
});
