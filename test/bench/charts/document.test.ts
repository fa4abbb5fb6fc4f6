import { describe, expect, it } from 'vitest';
import type { Recorded } from '../results/record.mjs';
import { fill } from './document.mjs';
import { summaryTable } from './summary-table.mjs';
import { groupTables } from '../results/tables.mjs';

const document = 'Prose.\n\n<!-- measured: bulk -->\nold\n<!-- /measured -->\n\nMore prose.\n';

describe('a generated document', () => {
  it('contains the measured values and keeps its prose', () => {
    const filled = fill(document, { bulk: 'new' });
    expect(filled).toBe('Prose.\n\n<!-- measured: bulk -->\n\nnew\n\n<!-- /measured -->\n\nMore prose.\n');
    expect(fill(filled, { bulk: 'new' })).toBe(filled);
  });

  it('is rejected when it refers to values that were not measured, or omits some', () => {
    expect(() => fill(document, {})).toThrow('"bulk"');
    expect(() => fill(document, { bulk: '', small: '' })).toThrow('no place for: small');
  });
});

describe('the tables', () => {
  const run = { value: 2, cpu: { server: 1, client: 0.5 } };
  const rows = [{ workload: 'pipeline', contender: 'raw', runs: [run], ratios: { toRaw: [1] } }];
  const recorded = { options: { contenders: ['raw', 'rsync', 'binary-tls'] }, results: rows };

  it('omit empty columns, and list the missing contenders with the reason', () => {
    expect(groupTables(recorded as unknown as Recorded, ['pipeline', 'upload-file'])).toBe(
      [
        '**large download, pipeline to a Writable**\n',
        '|  | MiB/s | times raw | CPU s/GiB, server + client |',
        '| --- | --: | --: | --: |',
        '| `raw` | 2.00 | 1.00 | 1.00 + 0.50 |',
        '\nNot measured: `rsync` writes files only.',
      ].join('\n'),
    );
  });

  it('compare one codec with the others as multiples of raw', () => {
    const results = [
      { workload: 'pipeline', contender: 'raw', runs: [{ value: 500 }], ratios: { toRaw: [1] } },
      { workload: 'pipeline', contender: 'binary', runs: [{ value: 1250 }], ratios: { toRaw: [2.5] } },
      { workload: 'pipeline', contender: 'text', runs: [{ value: 1000 }], ratios: { toRaw: [2] } },
      { workload: 'pipeline', contender: 'nginx', runs: [{ value: 1500 }], ratios: { toRaw: [3] } },
      { workload: 'fresh', contender: 'binary', runs: [{ value: 0.36 }], ratios: { toRaw: [1.37] } },
    ];
    const machine = { cpu: 'a processor', cpus: 2, memoryGiB: 24, system: 'Linux 6.18', node: 'v20.20.2' };
    const options = { contenders: ['raw', 'text', 'binary', 'nginx'], rounds: 1, sizeMiB: 256, files: 5000 };
    const recorded = { date: '2026-11-22', command: 'npm run bench', machine, options, results };
    const [, table] = summaryTable(recorded as unknown as Recorded).split('\n\n');
    expect(table).toBe(
      [
        '| workload | socket-ftp | times raw | nginx |',
        '| --- | --: | --: | --: |',
        '| large download, pipeline to a Writable | 1,250 MiB/s | 2.50 | 3.00 |',
        '| a fresh connection and a small file, median; less is better | 0.36 ms | 1.37 | - |',
      ].join('\n'),
    );
  });
});
