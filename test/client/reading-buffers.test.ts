import { describe, expect, it } from 'vitest';
import { MAX_BUFFER_BYTES, ReadingBuffers } from '../../src/client/reading-buffers.js';

const MIB = 1024 * 1024;

describe('buffers that small files are read into', () => {
  it.each([0, 1, 4_096, 4_097, 10_000, MAX_BUFFER_BYTES])('have room for %i bytes', (bytes) => {
    const { length } = new ReadingBuffers().take(bytes);
    expect(length).toBeGreaterThanOrEqual(bytes);
    expect(length).toBeLessThanOrEqual(Math.max(4_096, 2 * bytes));
  });

  it('are used again once they were given back, and not before', () => {
    const buffers = new ReadingBuffers();
    const first = buffers.take(5_000);
    const second = buffers.take(5_000);
    expect(second.buffer).not.toBe(first.buffer);
    buffers.give(first);
    expect(buffers.take(100)).not.toBe(first);
    expect(buffers.take(6_000)).toBe(first);
    expect(buffers.take(6_000)).not.toBe(first);
  });

  it('are used again and again', () => {
    const buffers = new ReadingBuffers();
    const buffer = buffers.take(MAX_BUFFER_BYTES);
    for (let times = 0; times < 100; times++) {
      buffers.give(buffer);
      expect(buffers.take(MAX_BUFFER_BYTES)).toBe(buffer);
    }
  });

  it('share no memory', () => {
    const buffers = new ReadingBuffers();
    expect(buffers.take(10).buffer.byteLength).toBe(4_096);
  });

  it('are kept up to a mebibyte', () => {
    const buffers = new ReadingBuffers();
    const taken = Array.from({ length: 40 }, () => buffers.take(MAX_BUFFER_BYTES));
    for (const buffer of taken) buffers.give(buffer);
    const again = Array.from({ length: 40 }, () => buffers.take(MAX_BUFFER_BYTES));
    expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(MIB / MAX_BUFFER_BYTES);
  });

  it('are not kept when their memory was given away', () => {
    const buffers = new ReadingBuffers();
    const gone = buffers.take(10);
    structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] });
    buffers.give(gone);
    expect(buffers.take(10).length).toBe(4_096);
  });
});
