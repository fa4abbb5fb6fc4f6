import { expect, it } from 'vitest';
import { UsedBuffers } from '../../src/session/used-buffers.js';

const BYTES = 64 * 1024;

it('a buffer is used again when its mark is free, and not before', () => {
  const buffers = new UsedBuffers(4 * BYTES);
  const first = buffers.take(BYTES, 0);
  buffers.used(first, 100);
  expect(buffers.take(BYTES, 99)).not.toBe(first);
  expect(buffers.take(BYTES, 100)).toBe(first);
  expect(buffers.take(BYTES, 100)).not.toBe(first);
});

it('a buffer of another size stays where it is', () => {
  const buffers = new UsedBuffers(4 * BYTES);
  const first = buffers.take(BYTES, 0);
  buffers.used(first, 1);
  expect(buffers.take(2 * BYTES, 1)).toHaveLength(2 * BYTES);
  expect(buffers.take(BYTES, 1)).toBe(first);
});

it('no more is kept than was said, and nothing after clear', () => {
  const buffers = new UsedBuffers(2 * BYTES);
  const all = [1, 2, 3].map((mark) => {
    const buffer = Buffer.alloc(BYTES);
    buffers.used(buffer, mark);
    return buffer;
  });
  expect(buffers.take(BYTES, 3)).toBe(all[1]);
  buffers.clear();
  expect(all).not.toContain(buffers.take(BYTES, 3));
});
