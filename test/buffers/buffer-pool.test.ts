import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { BufferPool } from '../../src/buffers/buffer-pool.js';

const KIB = 1024;
const SIZE = 64 * KIB;

describe('the buffer pool', () => {
  test('reuses buffers that were released whole or by more than half', () => {
    const spare = new BufferPool();
    const [one, other] = [spare.acquire(SIZE), spare.acquire(SIZE)];
    spare.release(one);
    spare.release(other.subarray(0, SIZE / 2));
    const again = new Set([spare.acquire(SIZE).buffer, spare.acquire(SIZE).buffer]);
    expect(again).toEqual(new Set([one.buffer, other.buffer]));
    expect(spare.acquire(SIZE)).toHaveLength(SIZE);
  });

  test('drops buffers of which the released piece is a small part, has another size or was transferred', () => {
    const spare = new BufferPool();
    const gone = spare.acquire(SIZE);
    structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] });
    const [half, shifted] = [spare.acquire(SIZE), spare.acquire(SIZE)];
    const refused = [
      half.subarray(0, SIZE / 2 - 1),
      shifted.subarray(1),
      Buffer.allocUnsafeSlow(SIZE - 1),
      gone,
    ];
    for (const piece of refused) spare.release(piece);
    const memories = new Set(refused.map(({ buffer }) => buffer));
    for (const bytes of [SIZE, SIZE - 1]) {
      const taken = spare.acquire(bytes);
      expect(taken).toHaveLength(bytes);
      expect(memories.has(taken.buffer)).toBe(false);
    }
  });

  test('never keeps slices of the pool that Node allocates small buffers from', () => {
    const spare = new BufferPool();
    const pooled = Array.from({ length: 20 }, () => Buffer.allocUnsafe(1_000));
    const pools = new Set<ArrayBufferLike>(pooled.map(({ buffer }) => buffer));
    spare.releaseAll(pooled);
    const taken = [...pools].map(({ byteLength }) => spare.acquire(byteLength));
    expect(taken.filter(({ buffer }) => pools.has(buffer))).toEqual([]);
  });

  test.each([2_048, 4_096, 4_097, 10_000, 32 * KIB, 512 * KIB, 1_024 * KIB])(
    'allocates hardly more than %i bytes',
    (bytes) => {
      const spare = new BufferPool();
      const first = spare.acquireAtLeast(bytes);
      expect(first.length).toBeGreaterThanOrEqual(bytes);
      expect(first.length).toBeLessThanOrEqual(Math.max(4_096, 2 * bytes));
      expect(spare.acquireAtLeast(bytes).buffer).not.toBe(first.buffer);
      spare.release(first);
      expect(spare.acquireAtLeast(bytes)).toBe(first);
    },
  );

  test.each([0, 1, 2_047])(
    'allocates exactly %i bytes, a size at which a new buffer costs as little as a reused one',
    (bytes) => {
      expect(new BufferPool().acquireAtLeast(bytes)).toHaveLength(bytes);
    },
  );

  test('allocates exactly the size that is requested when it exceeds all kept sizes', () => {
    expect(new BufferPool().acquireAtLeast(1_100 * KIB)).toHaveLength(1_100 * KIB);
  });

  test('keeps up to 8 MiB, and evicts other sizes before the size in demand', () => {
    const spare = new BufferPool();
    const once = Array.from({ length: 40 }, () => spare.acquire(4 * SIZE));
    for (const buffer of once) spare.release(buffer);
    expect(kept(spare, once)).toBe(32);
    for (const buffer of once) spare.release(buffer);
    const now = Array.from({ length: 200 }, () => spare.acquire(SIZE));
    for (const buffer of now) spare.release(buffer);
    expect(kept(spare, now)).toBe(128);
    expect(kept(spare, once)).toBe(0);
  });

  test('drops what was not used between two trims, and keeps what was', () => {
    const spare = new BufferPool();
    const buffers = Array.from({ length: 8 }, () => spare.acquire(SIZE));
    spare.releaseAll(buffers);
    // All of them were in use since the pool was made.
    expect(spare.trim()).toBe(false);
    expect(spare.acquire(SIZE)).toBe(buffers[7]);
    spare.release(buffers[7] as Buffer);
    // One was used: the other seven are dropped, the oldest first.
    expect(spare.trim()).toBe(false);
    expect(spare.trim()).toBe(true);
    expect(kept(spare, buffers)).toBe(0);
  });

  test('a process that is idle keeps no buffers', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    // The pools share a timer, so this one is made in a module of its own.
    vi.resetModules();
    const fresh = await import('../../src/buffers/buffer-pool.js');
    const spare = new fresh.BufferPool();
    const buffers = Array.from({ length: 4 }, (_, index) => spare.acquire((index + 1) * 16 * KIB));
    spare.releaseAll(buffers);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(kept(spare, buffers)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  /** How many of these there are, which are taken. */
  function kept(spare: BufferPool, given: readonly Buffer[]): number {
    const known = new Set(given.map(({ buffer }) => buffer));
    return given.filter(({ length }) => known.has(spare.acquire(length).buffer)).length;
  }
});
