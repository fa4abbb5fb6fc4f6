/** Memory that is overwritten when it is released, so that whatever still reads or sends it is found. */
import { vi } from 'vitest';
import { BufferPool } from '../../src/buffers/buffer-pool.js';

/** The value of released bytes. */
const POISON = 0xdb;

/** Overwrites what is released to a pool. Returns the pools, with the number of bytes that were released to each. */
export function poisonReleased(): ReadonlyMap<BufferPool, number> {
  const released = new Map<BufferPool, number>();
  const { release } = BufferPool.prototype;
  vi.spyOn(BufferPool.prototype, 'release').mockImplementation(function poison(this: BufferPool, piece) {
    piece.fill(POISON);
    // The pool takes all memory of such a piece; the memory of others may be in use.
    const isWhole = piece.byteOffset === 0 && piece.length * 2 >= piece.buffer.byteLength;
    if (isWhole) Buffer.from(piece.buffer).fill(POISON);
    released.set(this, (released.get(this) ?? 0) + piece.length);
    release.call(this, piece);
  });
  return released;
}
