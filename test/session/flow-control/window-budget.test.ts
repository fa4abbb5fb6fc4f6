import { expect, it } from 'vitest';
import { WindowBudget } from '../../../src/session/flow-control/window-budget.js';

it('a window grows by no more than it leaves to others', () => {
  const pool = new WindowBudget(1_600);
  const [first, second, third] = [pool.reserve(), pool.reserve(), pool.reserve()];
  expect(first.grow(500)).toBe(500);
  expect(first.grow(5_000)).toBe(800);
  expect(second.grow(5_000)).toBe(400);
  expect(third.grow(100)).toBe(100);
  expect(first.grow(5_000)).toBe(800);
});

it('a returned reservation is available to others, once', () => {
  const pool = new WindowBudget(1_600);
  const [first, second] = [pool.reserve(), pool.reserve()];
  first.grow(800);
  first.release();
  first.release();
  expect(first.grow(800)).toBe(0);
  expect(second.grow(5_000)).toBe(800);
});

it('what is added is available to the next windows', () => {
  const budget = new WindowBudget(32);
  budget.add(32);
  expect(budget.reserve().grow(32)).toBe(32);
  expect(budget.reserve().grow(32)).toBe(16);
});
