import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorTable, networkCodes } from '../../src/errors.js';
import { pathCodes } from '../../src/session/transport/connection-error.js';
import { repositoryRoot } from '../support/repository.js';
import { tableOf, wordsOf } from './tables.js';

const titles = ['number', 'code', 'retryable', 'meaning', 'when it comes, and what to do'];

function readErrors(): Promise<string> {
  return readFile(path.join(repositoryRoot, 'docs/reference/errors.md'), 'utf8');
}

/** The table of the document as the code would have it. */
function documented(markdown: string): Record<string, unknown> {
  const rows = tableOf(markdown, titles).map(({ code = '', number, retryable, meaning }) => [
    code,
    { number: Number(number), retryable: retryable === 'yes', meaning },
  ]);
  return Object.fromEntries(rows) as Record<string, unknown>;
}

describe('the page of errors', () => {
  it('has every code of the table, with its number, and whether a retry makes sense', async () => {
    expect(documented(await readErrors())).toEqual(errorTable);
  });

  it('describes when each code occurs', async () => {
    const silent = tableOf(await readErrors(), titles).filter((row) => row[titles[4] ?? ''] === '');
    expect(silent).toEqual([]);
  });

  it('lists the codes of paths and of the network', async () => {
    const rows = tableOf(await readErrors(), ['kind of code', 'codes']);
    const listed = rows.map(({ codes = '' }) => codes.match(/\w+/g));
    expect(listed).toEqual([[...pathCodes], [...networkCodes]]);
  });

  it('gives each code of the network a cause and a cure', async () => {
    const columns = ['codes of the network', 'cause', 'what to do'];
    const rows = tableOf(await readErrors(), columns);
    const listed = rows.flatMap((row) => wordsOf(row['codes of the network']));
    expect(listed.sort()).toEqual([...networkCodes].sort());
    expect(rows.filter((row) => columns.some((column) => row[column] === ''))).toEqual([]);
  });

  it('fails the check with a missing or a wrong row', async () => {
    const lines = (await readErrors()).split('\n');
    const without = lines.filter((line) => !line.includes('`ELOOP`')).join('\n');
    expect(documented(without)).not.toHaveProperty('ELOOP');
    const wrong = lines.join('\n').replace(/(`EBUSY`\s*\| )yes/, '$1no');
    expect(documented(wrong)).not.toEqual(errorTable);
  });
});
