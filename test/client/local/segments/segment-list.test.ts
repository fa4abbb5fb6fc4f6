import { describe, expect, it } from 'vitest';
import { SegmentList, type Segment } from '../../../../src/client/local/segments/segment-list.js';
import { MAX_SEGMENTS } from '../../../../src/client/local/segments/segment-size.js';

const MIB = 1024 * 1024;

function takeAll(list: SegmentList): Segment[] {
  return Array.from({ length: list.missing.length }, () => list.take() as Segment);
}

describe('a list of segments', () => {
  it.each([1, MIB, MIB + 1, 8 * MIB - 1, 4_096 * MIB, 4_096 * MIB + 1, 100 * 1024 * MIB, 2 ** 50])(
    'covers a file of %i bytes without gap or overlap, with a bounded number of segments',
    (size) => {
      const segments = takeAll(new SegmentList(size));
      expect(segments.length).toBeLessThanOrEqual(MAX_SEGMENTS);
      const ends = segments.map(({ to }) => to);
      expect(segments.map(({ from }) => from)).toEqual([0, ...ends.slice(0, -1)]);
      expect(ends.at(-1)).toBe(size);
      expect(segments.every(({ from, to }) => to > from)).toBe(true);
    },
  );

  it('hands out a segment once, and again only if it was given back', () => {
    const list = new SegmentList(3 * MIB);
    const [first, second] = [list.take() as Segment, list.take()];
    expect([first.index, second?.index]).toEqual([0, 1]);
    list.giveBack(first);
    expect(takeAll(list).map(({ index }) => index)).toEqual([0, 2]);
    expect(list.take()).toBeUndefined();
    expect(list.completeBytes).toBe(0);
  });

  it('does not hand out what an earlier call has completed, and counts it', async () => {
    const list = new SegmentList(2.5 * MIB);
    await list.resume(({ index }) => Promise.resolve(index !== 1));
    expect(list.completeBytes).toBe(1.5 * MIB);
    expect(takeAll(list).map(({ index }) => index)).toEqual([1]);
  });
});
