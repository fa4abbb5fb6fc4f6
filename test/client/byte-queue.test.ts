import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from '../../src/client/byte-queue.js';
import { counting } from '../support/bytes.js';

const KIB = 1024;

function memoryOf(pieces: Buffer[]): number {
  return [...new Set(pieces.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
}

describe('the byte queue', () => {
  test('holds bytes in the order in which they came, from the first that was not dropped', () => {
    const size = fc.oneof(fc.nat(20), fc.constantFrom(4095, 4096, 5000, 20_000, 65_536));
    const step = fc.record({ isPush: fc.boolean(), size });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue();
        let [pushed, dropped] = [0, 0];
        for (const { isPush, size } of steps) {
          if (isPush) {
            queue.push(counting(pushed, size));
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

  test('keeps a large piece as it is', () => {
    const queue = new ByteQueue();
    const piece = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(piece.subarray(25));
    expect(queue.contents()[0]?.buffer).toBe(piece.buffer);
  });

  test('copies a piece out of a buffer of which it is a small part', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(chunk.subarray(0, 1));
    queue.push(chunk.subarray(0, 8 * KIB));
    expect(queue.contents().every(({ buffer }) => buffer !== chunk.buffer)).toBe(true);
  });

  test('holds a million pieces of one byte in few buffers, none much larger than what is in it', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    for (let count = 0; count < 1_000_000; count++)
      queue.push(chunk.subarray(count % 1000, (count % 1000) + 1));
    const pieces = queue.contents();
    expect(pieces.length).toBeLessThan(100);
    expect(memoryOf(pieces)).toBeLessThan(1_100_000);
  });

  test('holds few buffers, too, while bytes come and go one by one', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(100 * KIB));
    for (let count = 0; count < 50 * KIB; count++) {
      queue.push(Buffer.of(1));
      queue.drop(1);
    }
    const pieces = queue.contents();
    expect(pieces.length).toBeLessThan(20);
    expect(Buffer.concat(pieces).length).toBe(100 * KIB);
  });

  test('copies a small piece at once, so that its buffer may be used again', () => {
    const queue = new ByteQueue();
    const reused = Buffer.from('one');
    queue.push(reused);
    reused.write('two');
    queue.push(reused);
    expect(Buffer.concat(queue.contents()).toString()).toBe('onetwo');
  });

  test('holds at most twice its length of the buffers that pieces came in', () => {
    const size = fc.integer({ min: 1, max: 64 * KIB });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 40 }), (sizes) => {
        const queue = new ByteQueue();
        for (const size of sizes) queue.push(Buffer.allocUnsafeSlow(64 * KIB).subarray(0, size));
        const { length } = queue;
        // A slab of its own is one of at most 16 KiB, half of it empty, besides.
        expect(memoryOf(queue.contents())).toBeLessThanOrEqual(2 * length + 16 * KIB);
      }),
    );
  });

  test('ends, with nothing left, where the memory of its pieces was given away', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.allocUnsafeSlow(64 * KIB);
    queue.push(chunk.subarray(0, 32 * KIB));
    queue.push(chunk.subarray(32 * KIB));
    structuredClone(chunk, { transfer: [chunk.buffer] });
    queue.drop(40 * KIB);
    expect(queue.length).toBe(24 * KIB);
    expect(Buffer.concat(queue.contents())).toHaveLength(0);
  });

  test('leaves what was looked at alone when more comes', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('abc'));
    const [first] = queue.contents();
    queue.drop(2);
    queue.push(Buffer.from('xyz'));
    expect(first?.toString()).toBe('abc');
    expect(Buffer.concat(queue.contents()).toString()).toBe('cxyz');
  });

  test('is empty when all of it was dropped, and can be used again', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.alloc(10));
    queue.push(new Uint8Array(0));
    queue.push(Buffer.alloc(10 * KIB));
    queue.drop(Infinity);
    expect(queue.length).toBe(0);
    expect(queue.contents()).toEqual([]);
    queue.drop(5);
    queue.push(Buffer.from('a'));
    expect(Buffer.concat(queue.contents()).toString()).toBe('a');
  });
});
