import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ByteQueue } from '../../../../src/session/channel/byte-queue.js';
import { ReceivedOffsets } from '../../../../src/session/channel/body/received-offsets.js';
import { ReceiveWindow } from '../../../../src/session/flow-control/windows.js';
import { counting } from '../../../support/bytes.js';

const WINDOW = 2 ** 20;

let queue: ByteQueue;
let told: number[];
let offsets: ReceivedOffsets;

beforeEach(() => {
  vi.useFakeTimers();
  queue = new ByteQueue({ isExact: false });
  told = [];
  offsets = new ReceivedOffsets(new ReceiveWindow(WINDOW), () => {
    told.push(queue.length);
    queue.take(WINDOW);
  });
});
afterEach(() => vi.useRealTimers());

test('passes on together what arrives within a millisecond', () => {
  for (const offset of [0, 1_000, 2_000]) offsets.add({ offset, bytes: counting(offset, 1_000) }, queue);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([3_000]);
});

test('passes on 64 KiB at once', () => {
  for (let offset = 0; offset < 65_536; offset += 4_096)
    offsets.add({ offset, bytes: counting(offset, 4_096) }, queue);
  expect(told).toEqual([65_536]);
});

test('tells nothing while the first byte is missing, or after it was cleared', () => {
  offsets.add({ offset: 1_000, bytes: counting(1_000, 1_000) }, queue);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([]);
  offsets.add({ offset: 0, bytes: counting(0, 1_000) }, queue);
  offsets.clear();
  vi.advanceTimersByTime(1);
  expect(told).toEqual([]);
});
