import { expect, it } from 'vitest';
import { LoopShare } from '../../../src/server/loop-share/loop-share.js';
import { TimeSlice } from '../../../src/server/loop-share/time-slice.js';

/** A slice, its clock, and a further slice that shares the time. */
function timed() {
  const time = { nowMs: 0 };
  const share = new LoopShare();
  const begin = () => new TimeSlice(() => time.nowMs, share);
  return { time, slice: begin(), other: begin(), begin };
}

it('a slice is over after 4 ms of work, and the next one begins in the next turn of the event loop', async () => {
  const { time, slice } = timed();
  slice.resume();
  time.nowMs = 3;
  expect(slice.isOver()).toBe(false);
  time.nowMs = 4;
  expect(slice.isOver()).toBe(true);
  let turned = false;
  setImmediate(() => (turned = true));
  await slice.next();
  expect(turned).toBe(true);
  expect(slice.isOver()).toBe(false);
  time.nowMs = 8;
  expect(slice.isOver()).toBe(true);
});

it('what was used before a wait counts, and the wait does not', () => {
  const { time, slice } = timed();
  slice.resume();
  time.nowMs = 3;
  slice.pause();
  time.nowMs = 1_000;
  slice.resume();
  expect(slice.isOver()).toBe(false);
  time.nowMs = 1_001;
  expect(slice.isOver()).toBe(true);
});

it('what a batch has used counts for all batches until the event loop turns', async () => {
  const { time, slice, other } = timed();
  slice.resume();
  time.nowMs = 4;
  slice.pause();
  other.resume();
  expect(other.isOver()).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(other.isOver()).toBe(false);
});

it('batches that wait continue one after the other, each in a turn of its own', async () => {
  const { time, begin } = timed();
  let turn = 0;
  const nextTurn = (): void => {
    turn += 1;
    if (turn < 10) setImmediate(nextTurn);
  };
  nextTurn();
  const turns: number[] = [];
  const run = async (): Promise<void> => {
    const slice = begin();
    slice.resume();
    await slice.next();
    turns.push(turn);
    time.nowMs += 4;
    slice.pause();
  };
  await Promise.all([run(), run(), run()]);
  expect(new Set(turns).size).toBe(3);
});

it('what is measured counts if it has ended in the same turn, and not if it was a wait', async () => {
  const { time, slice, other } = timed();
  const work = async (): Promise<string> => {
    await Promise.resolve();
    time.nowMs += 4;
    return 'done';
  };
  expect(await slice.measure(work)).toBe('done');
  other.resume();
  expect(other.isOver()).toBe(true);
  await other.next();
  await slice.measure(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    time.nowMs += 4;
  });
  other.resume();
  expect(other.isOver()).toBe(false);
});
