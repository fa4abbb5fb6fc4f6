/**
 * The segments of a file: which are complete, and which one is downloaded next.
 *
 *     take -> a connection downloads it -> complete
 *      ^                                -> giveBack: another connection takes it
 *      +--------------------------------------'
 */
import { segmentSizeOf, segmentCount } from './segment-size.js';

/** A range of the file. */
export interface Segment {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

export class SegmentList {
  readonly size: number;
  /** Bytes of each segment but the last one. */
  readonly segmentBytes: number;
  /** In the order of the file; those that were given back come first. */
  readonly #missing: Segment[];
  #completeBytes = 0;

  constructor(size: number, segmentBytes = segmentSizeOf(size)) {
    this.size = size;
    this.segmentBytes = segmentBytes;
    this.#missing = Array.from({ length: segmentCount(size, segmentBytes) }, (_, index) => ({
      index,
      from: index * segmentBytes,
      to: Math.min(size, (index + 1) * segmentBytes),
    }));
  }

  /** Bytes of the segments that are complete. */
  get completeBytes(): number {
    return this.#completeBytes;
  }

  /** Segments that no connection has taken. */
  get missing(): readonly Segment[] {
    return this.#missing;
  }

  take(): Segment | undefined {
    return this.#missing.shift();
  }

  /** Lets another connection take a segment. */
  giveBack(segment: Segment): void {
    this.#missing.unshift(segment);
  }

  /** Counts a segment that was taken. */
  complete({ from, to }: Segment): void {
    this.#completeBytes += to - from;
  }

  /** Takes the segments that an earlier call has completed. */
  async resume(isComplete: (segment: Segment) => Promise<boolean>): Promise<void> {
    for (const segment of this.#missing.splice(0)) {
      if (await isComplete(segment)) this.complete(segment);
      else this.#missing.push(segment);
    }
  }
}
