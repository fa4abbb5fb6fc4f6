import { describe, expect, it } from 'vitest';
import { bounds } from '../bounds.mjs';
import { contenders, reasonAgainst } from '../contenders/table.mjs';
import type { Run } from '../measuring/run.mjs';
import { workloads } from '../workloads/table.mjs';
import { verdictTable, verdictsOf, type Bound } from './verdicts.mjs';

function verdict(bound: Bound, runs: Record<string, Run[]>) {
  const results = Object.entries(runs).map(([contender, all]) => ({
    workload: bound.workload,
    contender,
    runs: all,
  }));
  return verdictsOf(results, [bound])[0];
}

const values = (...all: number[]): Run[] => all.map((value) => ({ value }));

describe('a verdict', () => {
  it.each([
    ['pipeline', 2, 'met'],
    ['pipeline', 2.1, 'missed'],
    ['fresh', 2, 'met'],
    ['fresh', 1.9, 'missed'],
    ['idle', 2, 'met'],
    ['idle', 1.9, 'missed'],
  ])('of %s compares the median of the ratios with %d: %s', (workload, limit, state) => {
    const runs = { raw: values(1, 1, 10), binary: values(1, 2, 200) };
    expect(verdict({ workload, to: ['raw'], limit }, runs)).toMatchObject({ state, median: 2, max: 20 });
  });

  it('without another contender compares the figure itself', () => {
    const runs = { binary: [{ value: 1, unfairness: 1.2, peakMiB: { server: 210, client: 90 } }] };
    const stateOf = (figure: NonNullable<Bound['figure']>, limit: number) =>
      verdict({ workload: 'clients-100', figure, limit }, runs)?.state;
    expect(stateOf('unfairness', 1.3)).toBe('met');
    expect(stateOf('serverPeak', 200)).toBe('missed');
    expect(stateOf('clientPeak', 90)).toBe('met');
  });

  it('is "not measured" without a contender, without the other, and where a figure is unknown', () => {
    const bound: Bound = { workload: 'pipeline', to: ['raw'], limit: 1 };
    expect(verdict(bound, { raw: values(1) })?.state).toBe('not measured');
    expect(verdict(bound, { binary: values(1) })?.state).toBe('not measured');
    expect(verdict({ ...bound, figure: 'cpu' }, { raw: values(1), binary: values(1) })?.state).toBe(
      'not measured',
    );
  });

  it('is listed with its bound and its range', () => {
    const bound: Bound = { workload: 'pipeline', contender: 'binary-tls', to: ['binary'], limit: 0.6 };
    const missed = verdict(bound, { binary: values(10, 10), 'binary-tls': values(4, 5) });
    expect(verdictTable([missed!], 'missed').split('\n').at(-1)).toBe(
      '| pipeline | MiB/s of binary-tls, times binary | at least 0.6 | 0.45 (0.40 to 0.50) |',
    );
    expect(verdictTable([missed!], 'met')).toBe('');
  });
});

it.each(bounds.map((bound) => [bound.workload, bound] as const))(
  'the bound of %s names a workload and contenders that do it',
  (workload, { contender = 'binary', to = [] }) => {
    expect(workloads).toHaveProperty([workload]);
    for (const name of [contender, ...to]) {
      expect(contenders).toHaveProperty([name]);
      expect(reasonAgainst(name, workload)).toBeUndefined();
    }
  },
);
