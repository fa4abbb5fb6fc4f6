/** The payload of data frames: pieces that are sent without copying them. */

export type Pieces = readonly Uint8Array[];

/** The payload of one data frame. */
export interface Payload {
  readonly pieces: Pieces;
  readonly bytes: number;
  /** Of the bytes before. */
  readonly checksum: string | undefined;
  /** Position in the body, where the frame tells it. */
  readonly offset?: number | undefined;
  /** To be called when the payload was written, if it is the last of a call of `send`. */
  readonly onSent: (() => void) | undefined;
}

/** The first `room` bytes of pieces, or all, and the rest. */
export function splitAt(all: Pieces, room: number): { pieces: Pieces; rest: Pieces; bytes: number } {
  let left = room;
  for (const [index, piece] of all.entries()) {
    if (piece.length > left) {
      const first = left > 0 ? [piece.subarray(0, left)] : [];
      const rest = [piece.subarray(left), ...all.slice(index + 1)];
      return { pieces: [...all.slice(0, index), ...first], rest, bytes: room };
    }
    left -= piece.length;
  }
  return { pieces: all, rest: [], bytes: room - left };
}
