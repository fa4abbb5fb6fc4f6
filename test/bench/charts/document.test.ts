import { describe, expect, it } from 'vitest';
import type { Recorded } from '../record.mjs';
import { fill } from './document.mjs';
import { groupTables } from './tables.mjs';

const document = 'Prose.\n\n<!-- measured: bulk -->\nold\n<!-- /measured -->\n\nMore prose.\n';

describe('a document', () => {
  it('gets what was measured, and keeps its prose', () => {
    const filled = fill(document, { bulk: 'new' });
    expect(filled).toBe('Prose.\n\n<!-- measured: bulk -->\n\nnew\n\n<!-- /measured -->\n\nMore prose.\n');
    expect(fill(filled, { bulk: 'new' })).toBe(filled);
  });

  it('is refused when it asks for what was not measured, or leaves something out', () => {
    expect(() => fill(document, {})).toThrow('"bulk"');
    expect(() => fill(document, { bulk: '', small: '' })).toThrow('no place for: small');
  });
});

describe('the tables', () => {
  const run = { value: 2, cpu: { server: 1, client: 0.5 } };
  const rows = [{ workload: 'download', contender: 'raw', runs: [run], ratios: { toRaw: [1] } }];
  const recorded = { options: { contenders: ['raw', 'rsync', 'binary-tls'] }, results: rows };

  it('leave out columns with nothing in them, and say who is not there and why', () => {
    expect(groupTables(recorded as unknown as Recorded, ['download', 'upload'])).toBe(
      [
        '**bulk download, to nowhere**\n',
        '|  | MiB/s | times raw | CPU s per GiB, server + client |',
        '| --- | --: | --: | --: |',
        '| `raw` | 2.00 | 1.00 | 1.00 + 0.50 |',
        '\nNot there: `rsync` writes files only.',
      ].join('\n'),
    );
  });
});
