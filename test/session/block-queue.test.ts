import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, BlockQueue } from '../../src/session/block-queue.js';

const KIB = 1024;

/** Bytes that count on from a number. */
function counting(from: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (from + index) % 251));
}

describe('the queue of blocks', () => {
  test('gives bytes back in the order in which they came, in portions of any size', () => {
    const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 16_384, 50_000, 65_536, 200_000));
    const step = fc.record({ isPush: fc.boolean(), size });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new BlockQueue();
        let [pushed, taken] = [0, 0];
        for (const { isPush, size } of steps) {
          if (isPush) {
            const lent = counting(pushed, size);
            queue.push(lent);
            lent.fill(0xff);
            pushed += size;
          } else {
            const portion = Buffer.concat(queue.take(size));
            expect(portion.length).toBe(Math.min(size, pushed - taken));
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
    const queue = new BlockQueue();
    queue.push(counting(0, 3 * BLOCK_BYTES));
    const pieces = [10, 5, BLOCK_BYTES, 20_000, Infinity, Infinity].map((most) => queue.takePiece(most));
    expect(Buffer.concat(pieces).equals(counting(0, 3 * BLOCK_BYTES))).toBe(true);
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(pieces.length);
  });

  test('has no more memory for a small piece than the piece', () => {
    const queue = new BlockQueue();
    queue.push(counting(0, 5 * KIB));
    expect(queue.takePiece(Infinity).buffer.byteLength).toBe(5 * KIB);
  });

  test('holds a million pieces of one byte in few blocks, none much larger than what is in it', () => {
    const queue = new BlockQueue();
    const one = counting(0, 1);
    for (let count = 0; count < 1_000_000; count++) queue.push(one);
    const pieces = queue.take(Infinity);
    expect(pieces.length).toBeLessThan(100);
    const memory = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    expect(memory).toBeLessThan(2_000_000);
  });

  test('is empty when it was cleared', () => {
    const queue = new BlockQueue();
    queue.push(counting(0, 100_000));
    queue.clear();
    expect(queue.length).toBe(0);
    expect(queue.takePiece(Infinity)).toHaveLength(0);
  });
});
