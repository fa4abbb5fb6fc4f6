/** How long calls may wait, with a clock of the test. */
import { describe, expect, it } from 'vitest';
import { TransferError } from '../../../src/index.js';
import { Semaphore } from '../../../src/server/auth/semaphore.js';

/** A semaphore for one call at a time, whose work takes as long as the test says. */
function rushOf(calls: number, waitMs = 5_000) {
  let nowMs = 0;
  const ends: (() => void)[] = [];
  const semaphore = new Semaphore({ running: 1, waitMs }, () => nowMs);
  const refused: TransferError[] = [];
  const call = (signal?: AbortSignal): void => {
    const work = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
    semaphore.run(work, signal).catch((thrown: unknown) => refused.push(TransferError.from(thrown)));
  };
  for (let made = 0; made < calls; made++) call();
  const finish = async (times: number, ms: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      nowMs += ms;
      ends.shift()?.();
      await new Promise(setImmediate);
    }
  };
  const began = (): number => ends.length;
  return { call, finish, refused, began, retryAfter: () => refused.map((error) => error.retryAfterMs) };
}

describe('calls that would wait for too long', () => {
  it('are refused as soon as the mean duration is known, each with a turn of its own', async () => {
    const { finish, refused, retryAfter } = rushOf(1 + 8 + 7);
    await finish(7, 1_000);
    expect(refused).toEqual([]);
    await finish(1, 1_000);
    expect(refused.map(({ code }) => code)).toEqual(['EAGAIN', 'EAGAIN']);
    expect(retryAfter()).toEqual([5_000, 6_000]);
  });

  it('are refused when they come, and not when the queue is shorter', async () => {
    const { call, finish, refused, retryAfter } = rushOf(1 + 8 + 5);
    await finish(8, 1_000);
    call();
    await new Promise(setImmediate);
    expect(retryAfter()).toEqual([5_000]);
    expect(refused[0]?.message).toContain('Try again in 5 s.');
    await finish(1, 1_000);
    call();
    await finish(6, 1_000);
    expect(refused).toHaveLength(1);
  });

  it('are told half a minute at most', async () => {
    const { call, finish, retryAfter } = rushOf(9);
    await finish(8, 100_000);
    for (let times = 0; times < 3; times++) call();
    await new Promise(setImmediate);
    expect(retryAfter()).toEqual([5_000, 30_000, 30_000]);
  });

  it('wait if a rush before them had slower work', async () => {
    const { call, finish, refused, began } = rushOf(9);
    await finish(9, 100_000);
    for (let times = 0; times < 3; times++) call();
    await finish(3, 1);
    expect(refused).toEqual([]);
    expect(began()).toBe(0);
  });

  it('are refused by no semaphore without a limit', async () => {
    const { finish, refused } = rushOf(100, Infinity);
    await finish(100, 100_000);
    expect(refused).toEqual([]);
  });
});

describe('a call whose signal is aborted', () => {
  it('leaves the queue, and is not made', async () => {
    const { call, finish, refused, began } = rushOf(1);
    const ending = new AbortController();
    call(ending.signal);
    call();
    ending.abort(new TransferError('ECONNRESET'));
    await finish(1, 1);
    expect(refused.map(({ code }) => code)).toEqual(['ECONNRESET']);
    expect(began()).toBe(1);
    await finish(1, 1);
    expect(began()).toBe(0);
  });

  it('is not made if it comes later', async () => {
    const { call, refused, began } = rushOf(0);
    call(AbortSignal.abort(new TransferError('ECONNRESET')));
    await new Promise(setImmediate);
    expect(refused).toHaveLength(1);
    expect(began()).toBe(0);
  });
});
