import { expect, it } from 'vitest';
import { InFlightBuffers } from '../../src/buffers/in-flight-buffers.js';

const BYTES = 64 * 1024;

it('a buffer is used again when its mark is free, and not before', () => {
  const buffers = new InFlightBuffers(4 * BYTES);
  const first = buffers.acquire(BYTES, 0);
  buffers.track(first, 100);
  expect(buffers.acquire(BYTES, 99).buffer).not.toBe(first.buffer);
  expect(buffers.acquire(BYTES, 100).buffer).toBe(first.buffer);
  expect(buffers.acquire(BYTES, 100).buffer).not.toBe(first.buffer);
});

it('a buffer is for all who need one of its size, once it is free', () => {
  const [one, other] = [new InFlightBuffers(4 * BYTES), new InFlightBuffers(4 * BYTES)];
  const first = one.acquire(BYTES, 0);
  one.track(first, 10);
  one.reclaim(9);
  expect(other.acquire(BYTES, 0).buffer).not.toBe(first.buffer);
  one.reclaim(10);
  expect(one.isEmpty).toBe(true);
  expect(other.acquire(BYTES, 0).buffer).toBe(first.buffer);
});

it("no more are awaited than was said, and none after clear: those are nobody's", () => {
  const buffers = new InFlightBuffers(2 * BYTES);
  const all = [1, 2, 3].map((mark) => {
    const buffer = Buffer.allocUnsafeSlow(BYTES);
    buffers.track(buffer, mark);
    return buffer.buffer;
  });
  const taken = [3, 3, 3].map((free) => buffers.acquire(BYTES, free).buffer);
  expect(taken).not.toContain(all[0]);
  expect(taken).toEqual(expect.arrayContaining(all.slice(1)));
  buffers.track(Buffer.from(taken[0] as ArrayBuffer), 4);
  buffers.clear();
  expect(buffers.isEmpty).toBe(true);
  expect(buffers.acquire(BYTES, 4).buffer).not.toBe(taken[0]);
});
