/** Reads an open local file piece by piece. */
import type { FileHandle } from 'node:fs/promises';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { BufferPool } from '../../buffers/buffer-pool.js';
import { MAX_UNACKNOWLEDGED_BYTES } from '../../protocol/limits.js';
import { InFlightBuffers } from '../../buffers/in-flight-buffers.js';

/** Smaller reads take more trips to a thread and back; larger ones need more memory, and are no faster. */
const PIECE_BYTES = 1024 * 1024;

/** Bytes of buffers that are kept for reuse: the largest window. */
const MAX_KEPT_BYTES = MAX_UNACKNOWLEDGED_BYTES;

export interface ReadRange {
  readonly from: number;
  readonly to: number;
  /** The offset up to which yielded bytes are not in use any more. Default: all before the last yielded piece. */
  readonly free?: (() => number) | undefined;
}

/**
 * Yields the bytes of a range. The buffer of a piece is reused when `free` has passed the piece. Ends early if the file
 * does.
 */
export async function* readPieces(
  handle: FileHandle,
  { from, to, free }: ReadRange,
): AsyncGenerator<Buffer, undefined, undefined> {
  // A pool of its own: a server that acknowledges too early receives other bytes of this file, not of another one.
  const buffers = new InFlightBuffers(MAX_KEPT_BYTES, new BufferPool(MAX_KEPT_BYTES));
  let position = from;
  let consumed = from;
  const next = (): Promise<Buffer> | undefined => {
    if (position >= to) return undefined;
    const buffer = buffers.acquire(Math.min(PIECE_BYTES, to - position), free?.() ?? consumed);
    const reading = readPiece(handle, buffer, position);
    // The rejection can come long before it is awaited.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = next();
  try {
    while (reading) {
      const piece: Buffer = await reading;
      if (piece.length === 0) return undefined;
      position += piece.length;
      buffers.track(piece, position);
      // Reads ahead while the caller works with this piece.
      reading = next();
      yield piece;
      consumed = position;
    }
    return undefined;
  } finally {
    // The caller closes the file; not during a read.
    await reading?.catch(() => undefined);
  }
}

async function readPiece(handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

/** Adds pieces to a checksum, and calls `check` after each; an error thrown by `check` ends it. */
export async function updateChecksum(
  pieces: AsyncIterable<Buffer>,
  { checksum, check }: { checksum: BodyChecksum; check: () => void },
): Promise<void> {
  for await (const piece of pieces) {
    checksum.update(piece);
    check();
  }
}
