import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, ByteQueue } from '../../../src/session/channel/byte-queue.js';
import { bufferPool } from '../../../src/buffers/buffer-pool.js';
import { counting } from '../../support/bytes.js';

const KIB = 1024;

function memoryOf(pieces: Buffer[]): number {
  return [...new Set(pieces.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
}

describe.each([{ isExact: true }, { isExact: false }])('the byte queue (isExact: $isExact)', (options) => {
  test('returns bytes in the order of arrival, in portions of any size', () => {
    const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 16_384, 50_000, 65_536, 200_000));
    const step = fc.record({ isPush: fc.boolean(), size });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new ByteQueue(options);
        let [pushed, taken] = [0, 0];
        for (const { isPush, size } of steps) {
          if (isPush) {
            const lent = counting(pushed, size);
            queue.push(lent);
            lent.fill(0xff);
            pushed += size;
          } else {
            const portion = Buffer.concat(queue.take(size));
            expect(portion.length).toBeLessThanOrEqual(Math.min(size, pushed - taken));
            expect(portion.length > 0).toBe(size > 0 && pushed > taken);
            expect(portion.equals(counting(taken, portion.length))).toBe(true);
            taken += portion.length;
          }
          expect(queue.length).toBe(pushed - taken);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('returns no two pieces of the same memory, whatever part of a block was read', () => {
    const queue = new ByteQueue(options);
    queue.push(counting(0, 3 * BLOCK_BYTES));
    const pieces = [10, 5, BLOCK_BYTES, 20_000, Infinity, Infinity].map((most) => queue.takePiece(most));
    expect(Buffer.concat(pieces).equals(counting(0, 3 * BLOCK_BYTES))).toBe(true);
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(pieces.length);
  });

  test('returns as many whole pieces as were requested, and keeps one that is too large', () => {
    const queue = new ByteQueue(options);
    queue.push(counting(0, 3 * BLOCK_BYTES));
    expect(queue.take(2 * BLOCK_BYTES + 1).map(({ length }) => length)).toEqual([BLOCK_BYTES, BLOCK_BYTES]);
    expect(queue.take(10).map(({ length }) => length)).toEqual([10]);
    expect(queue.take(Infinity).map(({ length }) => length)).toEqual([BLOCK_BYTES - 10]);
  });

  test('leaves returned bytes unchanged when more arrive', () => {
    const queue = new ByteQueue(options);
    queue.push(Buffer.from('abc'));
    const [first] = queue.take(2);
    queue.push(Buffer.from('xyz'));
    expect(first?.toString()).toBe('ab');
    expect(Buffer.concat([...queue.take(9), ...queue.take(9)]).toString()).toBe('cxyz');
  });

  test('returns nothing when nothing is requested or available', () => {
    const queue = new ByteQueue(options);
    expect(queue.take(5)).toEqual([]);
    queue.push(Buffer.alloc(0));
    queue.push(Buffer.of(1));
    expect(queue.take(0)).toEqual([]);
    expect(queue.length).toBe(1);
  });

  test('has few blocks while bytes are added and removed one by one', () => {
    const queue = new ByteQueue(options);
    queue.push(Buffer.alloc(100 * KIB));
    for (let count = 0; count < 50 * KIB; count++) {
      queue.push(Buffer.of(1));
      queue.take(1);
    }
    const pieces = queue.take(Infinity);
    expect(pieces.length).toBeLessThan(20);
    expect(Buffer.concat(pieces).length).toBe(100 * KIB);
  });

  test('holds a million pieces of one byte in few blocks, none much larger than its content', () => {
    const queue = new ByteQueue(options);
    const one = counting(0, 1);
    for (let count = 0; count < 1_000_000; count++) queue.push(one);
    const pieces = queue.take(Infinity);
    expect(pieces.length).toBeLessThan(100);
    const memory = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    expect(memory).toBeLessThan(2_000_000);
  });

  test('is empty after clear()', () => {
    const queue = new ByteQueue(options);
    queue.push(counting(0, 100_000));
    queue.clear();
    expect(queue.length).toBe(0);
    expect(queue.takePiece(Infinity)).toHaveLength(0);
    queue.push(Buffer.from('a'));
    expect(queue.takePiece(Infinity).toString()).toBe('a');
  });
});

test('a small piece in exact mode has no more memory than it needs', () => {
  const queue = new ByteQueue({ isExact: true });
  queue.push(counting(0, 5 * KIB));
  expect(queue.takePiece(Infinity).buffer.byteLength).toBe(5 * KIB);
});

test('a small piece otherwise has memory that is reused after its release', () => {
  const queue = new ByteQueue({ isExact: false });
  queue.push(counting(0, 5 * KIB));
  const piece = queue.takePiece(Infinity);
  expect(piece.buffer.byteLength).toBe(8 * KIB);
  bufferPool.release(piece);
  queue.push(counting(1, 5 * KIB));
  expect(queue.takePiece(Infinity).buffer).toBe(piece.buffer);
});

describe('the byte queue of retained pieces', () => {
  test('holds bytes in the order of arrival, from the first that was not dropped', () => {
    const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 4096, 5000, 20_000, 65_536));
    const step = fc.record({ isPush: fc.boolean(), size });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue({ isExact: true });
        let [pushed, dropped] = [0, 0];
        for (const { isPush, size } of steps) {
          if (isPush) {
            queue.keep(counting(pushed, size));
            pushed += size;
          } else {
            queue.drop(size);
            dropped = Math.min(pushed, dropped + size);
          }
          expect(queue.length).toBe(pushed - dropped);
          const contents = Buffer.concat(queue.contents());
          expect(contents.equals(counting(dropped, pushed - dropped))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('keeps a large piece without a copy', () => {
    const queue = new ByteQueue({ isExact: true });
    const piece = Buffer.allocUnsafeSlow(64 * KIB);
    queue.keep(piece.subarray(25));
    expect(queue.contents()[0]?.buffer).toBe(piece.buffer);
  });

  test('copies a piece that is a small part of its buffer', () => {
    const queue = new ByteQueue({ isExact: true });
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.keep(chunk.subarray(0, 1));
    queue.keep(chunk.subarray(0, 8 * KIB));
    expect(queue.contents().every(({ buffer }) => buffer !== chunk.buffer)).toBe(true);
  });

  test('holds a million pieces of one byte in few buffers, none much larger than its content', () => {
    const queue = new ByteQueue({ isExact: true });
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    for (let count = 0; count < 1_000_000; count++)
      queue.keep(chunk.subarray(count % 1000, (count % 1000) + 1));
    const pieces = queue.contents();
    expect(pieces.length).toBeLessThan(100);
    expect(memoryOf(pieces)).toBeLessThan(1_100_000);
  });

  test('has few buffers while bytes are added and removed one by one', () => {
    const queue = new ByteQueue({ isExact: true });
    queue.keep(Buffer.alloc(100 * KIB));
    for (let count = 0; count < 50 * KIB; count++) {
      queue.keep(Buffer.of(1));
      queue.drop(1);
    }
    const pieces = queue.contents();
    expect(pieces.length).toBeLessThan(20);
    expect(Buffer.concat(pieces).length).toBe(100 * KIB);
  });

  test('copies a small piece at once, so that its buffer can be reused', () => {
    const queue = new ByteQueue({ isExact: true });
    const reused = Buffer.from('one');
    queue.keep(reused);
    reused.write('two');
    queue.keep(reused);
    expect(Buffer.concat(queue.contents()).toString()).toBe('onetwo');
  });

  test('holds at most twice its length of the buffers of its pieces', () => {
    const size = fc.integer({ min: 1, max: 64 * KIB });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 40 }), (sizes) => {
        const queue = new ByteQueue({ isExact: true });
        for (const size of sizes) queue.keep(Buffer.allocUnsafeSlow(64 * KIB).subarray(0, size));
        const { length } = queue;
        // A slab of its own is one of at most 16 KiB, half of it empty, besides.
        expect(memoryOf(queue.contents())).toBeLessThanOrEqual(2 * length + 16 * KIB);
      }),
    );
  });

  test('holds hardly more than its length when small and large pieces alternate', () => {
    const queue = new ByteQueue({ isExact: true });
    for (let count = 0; count < 200; count++) {
      queue.keep(Buffer.of(count));
      queue.keep(Buffer.allocUnsafeSlow(4 * KIB));
    }
    expect(memoryOf(queue.contents())).toBeLessThanOrEqual(queue.length + 16 * KIB);
  });

  test('ends empty when the memory of its pieces was transferred', () => {
    const queue = new ByteQueue({ isExact: true });
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.keep(chunk.subarray(0, 32 * KIB));
    queue.keep(chunk.subarray(32 * KIB));
    structuredClone(chunk, { transfer: [chunk.buffer] });
    queue.drop(40 * KIB);
    expect(queue.length).toBe(24 * KIB);
    expect(Buffer.concat(queue.contents())).toHaveLength(0);
  });

  test('leaves peeked bytes unchanged when more arrive', () => {
    const queue = new ByteQueue({ isExact: true });
    queue.keep(Buffer.from('abc'));
    const [first] = queue.contents();
    queue.drop(2);
    queue.keep(Buffer.from('xyz'));
    expect(first?.toString()).toBe('abc');
    expect(Buffer.concat(queue.contents()).toString()).toBe('cxyz');
  });

  test('is empty and reusable when all bytes were dropped', () => {
    const queue = new ByteQueue({ isExact: true });
    queue.keep(Buffer.alloc(10));
    queue.keep(new Uint8Array(0));
    queue.keep(Buffer.alloc(10 * KIB));
    queue.drop(Infinity);
    expect(queue.length).toBe(0);
    expect(queue.contents()).toEqual([]);
    queue.drop(5);
    queue.keep(Buffer.from('a'));
    expect(Buffer.concat(queue.contents()).toString()).toBe('a');
  });
});
