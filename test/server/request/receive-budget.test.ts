import { expect, it } from 'vitest';
import { INITIAL_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import {
  ReceiveBudget,
  ReceiveShare,
  SharedReceiveBudget,
} from '../../../src/server/request/receive-budget.js';

const MIB = 1024 * 1024;

it('an origin gets no more bytes than it leaves to others, so that the next origin gets some', () => {
  const shared = new SharedReceiveBudget(12 * MIB);
  const [first, second, third] = ['a', 'b', 'c'].map((origin) => new ReceiveBudget(Infinity, shared, origin));
  first!.take(first!.left);
  expect(first!.left).toBe(0);
  expect(second!.left).toBe(3 * MIB);
  second!.take(second!.left);
  expect(first!.left).toBe(0);
  expect(third!.left).toBe(1.5 * MIB);
  first!.take(-6 * MIB);
  expect(second!.left).toBe(3 * MIB);
});

it('the last bytes are reserved for origins that have almost none', () => {
  const shared = new SharedReceiveBudget(256 * MIB);
  const taken = Array.from({ length: 8 }, (_, origin) => {
    const budget = new ReceiveBudget(Infinity, shared, `${origin}`);
    const { left } = budget;
    budget.take(left);
    return left / MIB;
  });
  expect(taken).toEqual([128, 64, 32, 1, 1, 1, 1, 1]);
});

it('connections of one origin share its part of the budget', () => {
  const shared = new SharedReceiveBudget(4 * MIB);
  const [first, second] = [1, 2].map(() => new ReceiveBudget(8 * MIB, shared, 'a'));
  first!.take(2 * MIB);
  expect(second!.left).toBe(0);
  expect(new ReceiveBudget(8 * MIB, shared, 'b').left).toBe(MIB);
});

it('a budget of no more than one upload is enough for one', () => {
  const shared = new SharedReceiveBudget(INITIAL_WINDOW_BYTES);
  const [first, second] = ['a', 'b'].map(
    (origin) => new ReceiveShare(new ReceiveBudget(MIB, shared, origin)),
  );
  expect(first!.takeEarly()).toBe(true);
  expect(second!.takeEarly()).toBe(false);
  first!.release();
  expect(second!.takeEarly()).toBe(true);
});

it('a growing window takes no more than it leaves', () => {
  const budget = new ReceiveBudget(32 * MIB);
  const [first, second] = [new ReceiveShare(budget, 4 * MIB), new ReceiveShare(budget, 4 * MIB)];
  expect(first.window(2 * MIB)).toBe(2 * MIB);
  expect(first.widen(4 * MIB)).toBe(4 * MIB);
  expect(first.widen(16 * MIB)).toBe(14 * MIB);
  expect(second.widen(16 * MIB)).toBe(7 * MIB);
  expect(first.widen(16 * MIB)).toBe(14 * MIB);
  expect(budget.left).toBe(11 * MIB);
  first.release();
  expect(first.widen(16 * MIB)).toBe(0);
  expect(budget.left).toBe(25 * MIB);
});

it('large windows leave enough for every channel of a connection to start', () => {
  const budget = new ReceiveBudget(32 * MIB);
  const reserve = 64 * INITIAL_WINDOW_BYTES;
  for (let channel = 0; channel < 64; channel++) {
    const share = new ReceiveShare(budget, reserve);
    expect(share.takeEarly()).toBe(true);
    share.window(2 * MIB);
  }
  expect(budget.left).toBeGreaterThanOrEqual(0);
});

it('a body over a UDP path gets half of what is left, at most what a window may grow to', () => {
  const budget = new ReceiveBudget(32 * MIB);
  const [first, second] = [new ReceiveShare(budget, 4 * MIB, 12 * MIB), new ReceiveShare(budget, 4 * MIB)];
  expect(first.window(2 * MIB, true)).toBe(12 * MIB);
  expect(second.window(2 * MIB, true)).toBe(8 * MIB);
  expect(budget.left).toBe(12 * MIB);
  first.release();
  second.release();
  expect(budget.left).toBe(32 * MIB);
});
