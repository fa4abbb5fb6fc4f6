import { expect, it } from 'vitest';
import type { Result } from '../measuring/measuring.mjs';
import { ratiosTo, withRatios } from './ratios.mjs';
import { meanOf, quantile, summaryOf } from './statistics.mjs';

function result(workload: string, contender: string, ...values: number[]): Result {
  return { workload, contender, runs: values.map((value) => ({ value })) };
}

it('ratios compare values within a round, also of a variant with its base', () => {
  const [, binary, tls] = withRatios([
    result('pipeline', 'raw', 100, 50),
    result('pipeline', 'binary', 200, 200),
    result('pipeline', 'binary-tls', 100, 50),
  ]);
  expect(binary?.ratios).toEqual({ toRaw: [2, 4] });
  expect(tls?.ratios).toEqual({ toRaw: [1, 1], toBase: [0.5, 0.25] });
});

it('plain Node at its best is the better of its two contenders in each round', () => {
  const plain = (workload: string) => [
    result(workload, 'raw', 1, 1),
    result(workload, 'tuned', 2, 8),
    result(workload, 'sync', 4, 4),
    result(workload, 'binary', 4, 4),
  ];
  const ratios = (workload: string) => withRatios(plain(workload)).at(-1)?.ratios.toPlain;
  expect(ratios('pipeline')).toEqual([1, 0.5]);
  expect(ratios('fresh')).toEqual([2, 1]);
});

it('the ratio of CPU time is that of both ends together, and less is better', () => {
  const run = (contender: string, server: number, client: number): Result => ({
    workload: 'pipeline',
    contender,
    runs: [{ value: 1, cpu: { server, client } }],
  });
  const results = [run('tuned', 1, 1), run('sync', 3, 1)];
  expect(ratiosTo(results, run('binary', 2, 1), { to: ['tuned', 'sync'], figure: 'cpu' })).toEqual([1.5]);
});

it('a ratio to a contender that was not measured does not exist', () => {
  const binary = result('pipeline', 'binary', 200);
  expect(ratiosTo([binary], binary, { to: ['http'] })).toEqual([]);
  expect(withRatios([binary])[0]?.ratios).toEqual({ toRaw: [] });
});

it('the median of two values is their mean', () => {
  expect(summaryOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
});

it('quantiles depend on the rank of a value, not on the order of measurement', () => {
  expect(quantile([30, 10, 20], 0.5)).toBe(20);
  expect(quantile([], 0.5)).toBeNaN();
});

it('the mean of nothing is unknown', () => {
  expect(meanOf([1, 2, 6])).toBe(3);
  expect(meanOf([])).toBeNaN();
});
