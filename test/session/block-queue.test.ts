import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, BlockQueue } from '../../src/session/block-queue.js';
import { spareBuffers } from '../../src/memory/spare-buffers.js';
import { counting } from '../support/bytes.js';

const KIB = 1024;

describe.each([{ isExact: true }, { isExact: false }])(
  'the queue of blocks (isExact: $isExact)',
  (options) => {
    test('gives bytes back in the order in which they came, in portions of any size', () => {
      const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 16_384, 50_000, 65_536, 200_000));
      const step = fc.record({ isPush: fc.boolean(), size });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const queue = new BlockQueue(options);
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

    test('gives no two pieces of the same memory, whatever part of a block was asked for', () => {
      const queue = new BlockQueue(options);
      queue.push(counting(0, 3 * BLOCK_BYTES));
      const pieces = [10, 5, BLOCK_BYTES, 20_000, Infinity, Infinity].map((most) => queue.takePiece(most));
      expect(Buffer.concat(pieces).equals(counting(0, 3 * BLOCK_BYTES))).toBe(true);
      expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(pieces.length);
    });

    test('gives as many whole pieces as were asked for, and leaves one that is too large', () => {
      const queue = new BlockQueue(options);
      queue.push(counting(0, 3 * BLOCK_BYTES));
      expect(queue.take(2 * BLOCK_BYTES + 1).map(({ length }) => length)).toEqual([BLOCK_BYTES, BLOCK_BYTES]);
      expect(queue.take(10).map(({ length }) => length)).toEqual([10]);
      expect(queue.take(Infinity).map(({ length }) => length)).toEqual([BLOCK_BYTES - 10]);
    });

    test('leaves what was taken alone when more comes', () => {
      const queue = new BlockQueue(options);
      queue.push(Buffer.from('abc'));
      const [first] = queue.take(2);
      queue.push(Buffer.from('xyz'));
      expect(first?.toString()).toBe('ab');
      expect(Buffer.concat([...queue.take(9), ...queue.take(9)]).toString()).toBe('cxyz');
    });

    test('takes nothing where nothing is asked for or there', () => {
      const queue = new BlockQueue(options);
      expect(queue.take(5)).toEqual([]);
      queue.push(Buffer.alloc(0));
      queue.push(Buffer.of(1));
      expect(queue.take(0)).toEqual([]);
      expect(queue.length).toBe(1);
    });

    test('holds few blocks, too, while bytes come and go one by one', () => {
      const queue = new BlockQueue(options);
      queue.push(Buffer.alloc(100 * KIB));
      for (let count = 0; count < 50 * KIB; count++) {
        queue.push(Buffer.of(1));
        queue.take(1);
      }
      const pieces = queue.take(Infinity);
      expect(pieces.length).toBeLessThan(20);
      expect(Buffer.concat(pieces).length).toBe(100 * KIB);
    });

    test('holds a million pieces of one byte in few blocks, none much larger than what is in it', () => {
      const queue = new BlockQueue(options);
      const one = counting(0, 1);
      for (let count = 0; count < 1_000_000; count++) queue.push(one);
      const pieces = queue.take(Infinity);
      expect(pieces.length).toBeLessThan(100);
      const memory = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
      expect(memory).toBeLessThan(2_000_000);
    });

    test('is empty when it was cleared', () => {
      const queue = new BlockQueue(options);
      queue.push(counting(0, 100_000));
      queue.clear();
      expect(queue.length).toBe(0);
      expect(queue.takePiece(Infinity)).toHaveLength(0);
      queue.push(Buffer.from('a'));
      expect(queue.takePiece(Infinity).toString()).toBe('a');
    });
  },
);

test('a small piece has no more memory than it needs where that is asked for', () => {
  const queue = new BlockQueue({ isExact: true });
  queue.push(counting(0, 5 * KIB));
  expect(queue.takePiece(Infinity).buffer.byteLength).toBe(5 * KIB);
});

test('a small piece else has memory that is used again when it is given back', () => {
  const queue = new BlockQueue({ isExact: false });
  queue.push(counting(0, 5 * KIB));
  const piece = queue.takePiece(Infinity);
  expect(piece.buffer.byteLength).toBe(8 * KIB);
  spareBuffers.give(piece);
  queue.push(counting(1, 5 * KIB));
  expect(queue.takePiece(Infinity).buffer).toBe(piece.buffer);
});
