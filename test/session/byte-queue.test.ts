import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from '../../src/session/byte-queue.js';

const KIB = 1024;

function memoryOf(pieces: Buffer[]): number {
  return [...new Set(pieces.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
}

describe('the byte queue', () => {
  test('gives bytes back in the order in which they came, in portions of any size', () => {
    const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 4096, 5000, 20_000, 65_536));
    const step = fc.record({ isPush: fc.boolean(), size });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let [pushed, taken] = [0, 0];
        for (const { isPush, size } of steps) {
          if (isPush) {
            queue.push(counting(pushed, size));
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

  test('keeps a large piece as it is', () => {
    const queue = new ByteQueue();
    const piece = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(piece.subarray(25));
    expect(queue.take(Infinity)[0]?.buffer).toBe(piece.buffer);
  });

  test('copies a piece out of a buffer of which it is a small part', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(chunk.subarray(0, 1));
    queue.push(chunk.subarray(0, 8 * KIB));
    expect(queue.take(Infinity).every(({ buffer }) => buffer !== chunk.buffer)).toBe(true);
  });

  test('holds a million pieces of one byte in few buffers, none much larger than what is in it', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    for (let count = 0; count < 1_000_000; count++)
      queue.push(chunk.subarray(count % 1000, (count % 1000) + 1));
    const pieces = queue.take(Infinity);
    expect(pieces.length).toBeLessThan(100);
    expect(memoryOf(pieces)).toBeLessThan(1_100_000);
  });

  test('holds few buffers, too, while bytes come and go one by one', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(100 * KIB));
    for (let count = 0; count < 50 * KIB; count++) {
      queue.push(Buffer.of(1));
      queue.take(1);
    }
    const pieces = queue.take(Infinity);
    expect(pieces.length).toBeLessThan(20);
    expect(Buffer.concat(pieces).length).toBe(100 * KIB);
  });

  test('copies a small piece at once, so that its buffer may be used again', () => {
    const queue = new ByteQueue();
    const reused = Buffer.from('one');
    queue.push(reused);
    reused.write('two');
    queue.push(reused);
    expect(Buffer.concat(queue.take(6)).toString()).toBe('onetwo');
  });

  test('keeps a piece whose buffer is as many times as large as the queue may hold', () => {
    const queue = new ByteQueue(4);
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(chunk.subarray(0, 16 * KIB));
    queue.push(chunk.subarray(16 * KIB, 32 * KIB - 1));
    const [kept, copied] = queue.take(Infinity);
    expect(kept?.buffer).toBe(chunk.buffer);
    expect(copied?.buffer).not.toBe(chunk.buffer);
  });

  test.each([2, 4])('holds at most %d times its length of the buffers that pieces came in', (times) => {
    const size = fc.integer({ min: 1, max: 64 * KIB });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 40 }), (sizes) => {
        const queue = new ByteQueue(times);
        for (const size of sizes) queue.push(Buffer.allocUnsafeSlow(64 * KIB).subarray(0, size));
        const { length } = queue;
        // A slab of its own is one of at most 16 KiB, half of it empty, besides.
        expect(memoryOf(queue.take(Infinity))).toBeLessThanOrEqual(times * length + 16 * KIB);
      }),
    );
  });

  test('gives pieces one by one as they came, and no more of one than is asked for', () => {
    const queue = new ByteQueue();
    const [first, second] = [counting(0, 64 * KIB), counting(7, 5 * KIB)];
    queue.push(first);
    queue.push(second);
    expect(queue.takePiece(60 * KIB).equals(first.subarray(0, 60 * KIB))).toBe(true);
    expect(queue.takePiece(60 * KIB).equals(first.subarray(60 * KIB))).toBe(true);
    expect(queue.length).toBe(second.length);
    expect(queue.takePiece(60 * KIB).equals(second)).toBe(true);
    expect(queue.takePiece(60 * KIB)).toHaveLength(0);
  });

  test('is empty, and not endless, when the memory of its pieces was given away', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(chunk.subarray(0, 32 * KIB));
    queue.push(chunk.subarray(32 * KIB));
    structuredClone(queue.takePiece(Infinity).buffer, { transfer: [chunk.buffer] });
    expect(Buffer.concat(queue.take(Infinity))).toHaveLength(0);
    expect(queue.length).toBe(0);
  });

  test('leaves what was taken alone when more comes', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('abc'));
    queue.push(Buffer.from('d'));
    const [first] = queue.take(2);
    queue.push(Buffer.from('xyz'));
    expect(first?.toString()).toBe('ab');
    expect(Buffer.concat(queue.take(9)).toString()).toBe('cdxyz');
  });

  test('takes nothing where nothing is asked for or there', () => {
    const queue = new ByteQueue();
    expect(queue.take(5)).toEqual([]);
    queue.push(new Uint8Array(0));
    queue.push(Uint8Array.of(1));
    expect(queue.take(0)).toEqual([]);
    expect(queue.length).toBe(1);
  });

  test('is empty when it was cleared, and can be used again', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(10));
    queue.push(Buffer.alloc(10 * KIB));
    queue.clear();
    expect(queue.length).toBe(0);
    expect(queue.take(5)).toEqual([]);
    queue.push(Buffer.from('a'));
    expect(Buffer.concat(queue.take(5)).toString()).toBe('a');
  });
});

function counting(from: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (from + index) % 251));
}
