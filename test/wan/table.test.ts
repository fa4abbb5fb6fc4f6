import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tableOfLinks, withTable } from './table.mjs';

const of = (...rates: number[]) => rates.map((mbit) => ({ mbit }));

describe('the table of the guide', () => {
  it('has the medians of the contenders that were measured, and the ratio to CUBIC', () => {
    const measured = { c: { udp: of(70, 80, 71), cubic: of(1.7, 1.8, 1.75) }, b: { udp: of(75) } };
    expect(tableOfLinks(measured).split('\n')).toEqual([
      '| link                      | TCP, CUBIC   | UDP | UDP to CUBIC |',
      '| ------------------------- | ------------ | --- | ------------ |',
      '| 100 Mbit/s, 100 ms, 1 %   | 1.8          | 71  | 41 times     |',
      '| 100 Mbit/s, 100 ms, 0.1 % | not measured | 75  | not measured |',
      '',
    ]);
  });

  it('has a place in the guide, whose other text stays', async () => {
    const guide = await readFile(new URL('../../docs/guides/tcp-or-udp.md', import.meta.url), 'utf8');
    const [before = '', after = ''] = guide.split(/<!-- figures: bench:wan -->[^]*<!-- \/figures -->/);
    const changed = withTable(guide, '| link |\n| ---- |\n');
    expect(changed).toBe(
      `${before}<!-- figures: bench:wan -->\n\n| link |\n| ---- |\n\n<!-- /figures -->${after}`,
    );
    expect(() => withTable('', '')).toThrow('The guide has no place for the figures.');
  });
});
