/** The interval of checks under a clock of the test, which alone says when a timer fired. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Deadline } from '../../../src/session/timers/deadline.js';
import { Ticker } from '../../../src/session/timers/ticker.js';
import { turns } from '../../support/servers/unfriendly.js';

const MS = 100;

let now = 0;

beforeEach(() => {
  now = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The next timer fires, so long after the one before. */
async function fireAfter(ms: number, intervalMs = MS): Promise<void> {
  now += ms;
  vi.advanceTimersByTime(intervalMs);
  await turns(3);
}

function ticking(): { ticker: Ticker; ticks: number[] } {
  const ticks: number[] = [];
  return {
    ticks,
    ticker: new Ticker(
      MS,
      (ms) => ticks.push(ms),
      () => now,
    ),
  };
}

it('each tick counts as the interval, also with the usual delay of a timer', async () => {
  const { ticker, ticks } = ticking();
  for (const ms of [MS, MS + 1, MS + 50]) await fireAfter(ms);
  expect(ticks).toEqual([MS, MS, MS]);
  ticker.stop();
});

it('a late tick counts for nothing, and the next one for the interval', async () => {
  const { ticker, ticks } = ticking();
  for (const ms of [MS, 50 * MS, MS, 3 * MS, MS]) await fireAfter(ms);
  expect(ticks).toEqual([MS, 0, MS, 0, MS]);
  ticker.stop();
});

it('ticks of a process that is always busy count all the same', async () => {
  const { ticker, ticks } = ticking();
  for (let tick = 0; tick < 4; tick += 1) await fireAfter(10 * MS);
  expect(ticks).toEqual([0, MS, MS, MS]);
  ticker.stop();
});

it('input that waits is read before the tick, and may stop it', async () => {
  const { ticker, ticks } = ticking();
  now += MS;
  vi.advanceTimersByTime(MS);
  expect(ticks).toEqual([]);
  await turns(1);
  ticker.stop();
  await turns(3);
  expect(ticks).toEqual([]);
});

it('a deadline expires once, after its time', async () => {
  let expired = 0;
  new Deadline(
    4 * MS,
    () => (expired += 1),
    () => now,
  );
  for (let part = 1; part < 4; part += 1) await fireAfter(MS);
  expect(expired).toBe(0);
  await fireAfter(MS);
  expect(expired).toBe(1);
});

it('a deadline leaves a peer all of its time after one in which the process was busy', async () => {
  let expired = 0;
  new Deadline(
    4 * MS,
    () => (expired += 1),
    () => now,
  );
  await fireAfter(100 * MS);
  for (let part = 1; part < 4; part += 1) await fireAfter(MS);
  expect(expired).toBe(0);
  await fireAfter(MS);
  expect(expired).toBe(1);
});

it('a deadline of a process that is always busy expires in the end', async () => {
  let expired = 0;
  new Deadline(
    4 * MS,
    () => (expired += 1),
    () => now,
  );
  for (let part = 0; part < 5; part += 1) await fireAfter(100 * MS);
  expect(expired).toBe(1);
});

it('a deadline that is stopped never expires', async () => {
  const deadline = new Deadline(
    MS,
    () => expect.unreachable(),
    () => now,
  );
  deadline.stop();
  await fireAfter(10 * MS);
});
