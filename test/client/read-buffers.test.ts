import { describe, expect, it } from 'vitest';
import { ReadBuffers } from '../../src/client/read-buffers.js';

const KIB = 1024;

describe('the buffers that a socket reads into', () => {
  it('grow while they are filled, and no further than to 256 KiB', () => {
    const buffers = new ReadBuffers();
    const sizes = [1, 2, 3, 4].map(() => buffers.read(buffers.next().length).length / KIB);
    expect(sizes).toEqual([16, 64, 256, 256]);
  });

  it('stay as large while they are filled to a quarter, and become smaller below that', () => {
    const buffers = grown();
    buffers.read(64 * KIB);
    expect(buffers.next()).toHaveLength(256 * KIB);
    buffers.read(64 * KIB - 1);
    expect(buffers.next()).toHaveLength(64 * KIB);
  });

  it('are the smallest again as soon as there is little to read: an idle connection holds little', () => {
    const buffers = grown();
    buffers.read(100);
    expect(buffers.next().buffer.byteLength).toBe(16 * KIB);
  });

  it('take many small reads each, one behind the other', () => {
    const buffers = new ReadBuffers();
    const reads = Array.from({ length: 12 }, () => buffers.read(KIB));
    expect(new Set(reads.map(({ buffer }) => buffer)).size).toBe(1);
    expect(reads.map(({ byteOffset }) => byteOffset / KIB)).toEqual([...reads.keys()]);
    // A read that has no room would look like one of which there is more.
    buffers.read(KIB);
    expect(buffers.next()).toHaveLength(16 * KIB);
  });

  it.each([4 * KIB, 10 * KIB, 16 * KIB])('are not read into again after %d bytes were read', (bytes) => {
    const buffers = new ReadBuffers();
    const { buffer } = buffers.read(bytes);
    expect(buffers.next().buffer).not.toBe(buffer);
  });

  it('are the same until something was read', () => {
    const buffers = new ReadBuffers();
    expect(buffers.next()).toBe(buffers.next());
  });
});

/** Buffers that have grown to the largest. */
function grown(): ReadBuffers {
  const buffers = new ReadBuffers();
  while (buffers.next().length < 256 * KIB) buffers.read(buffers.next().length);
  return buffers;
}
