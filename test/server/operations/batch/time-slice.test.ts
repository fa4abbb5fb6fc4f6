import { expect, it } from 'vitest';
import { TimeSlice } from '../../../../src/server/operations/batch/time-slice.js';

/** A slice, and its clock. */
function timed() {
  const time = { nowMs: 0 };
  return { time, slice: new TimeSlice(() => time.nowMs) };
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
