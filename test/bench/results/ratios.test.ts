import { expect, it } from 'vitest';
import type { Result } from '../measuring/measuring.mjs';
import { withRatios } from './ratios.mjs';
import { quantile, summaryOf } from './statistics.mjs';

function result(contender: string, ...values: number[]): Result {
  return { workload: 'download', contender, runs: values.map((value) => ({ value })) };
}

it('ratios compare values within a round, also of a variant with its base', () => {
  const [, binary, tls] = withRatios([
    result('raw', 100, 50),
    result('binary', 200, 200),
    result('binary-tls', 100, 50),
  ]);
  expect(binary?.ratios).toEqual({ toRaw: [2, 4] });
  expect(tls?.ratios).toEqual({ toRaw: [1, 1], toBase: [0.5, 0.25] });
});

it('the median of two values is their mean', () => {
  expect(summaryOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
});

it('quantiles depend on the rank of a value, not on the order of measurement', () => {
  expect(quantile([30, 10, 20], 0.5)).toBe(20);
  expect(quantile([], 0.5)).toBeNaN();
});
