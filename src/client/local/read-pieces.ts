/** Reading an open local file piece by piece. */
import type { FileHandle } from 'node:fs/promises';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { BufferPool } from '../../buffers/buffer-pool.js';
import { MAX_UNACKNOWLEDGED_BYTES } from '../../protocol/limits.js';
import { InFlightBuffers } from '../../buffers/in-flight-buffers.js';

const PIECE_BYTES = 512 * 1024;

/** Bytes of pieces that wait to be read into again: what a window holds that has grown. */
const MAX_KEPT_BYTES = MAX_UNACKNOWLEDGED_BYTES;

/**
 * Bytes to read; and up to which byte nobody holds those any more that were read. Without that, a piece is the caller's
 * until it asks for the next one.
 */
export interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly free?: (() => number) | undefined;
}

/**
 * The bytes of a range, each piece in a buffer that stays as it is until the byte after it is free; ends early where the
 * file does.
 */
export async function* readPieces(
  handle: FileHandle,
  { from, to, free }: ReadRange,
): AsyncGenerator<Buffer, undefined, undefined> {
  // A server that says too early what it has taken in is sent other bytes of this very file, and nobody else's.
  const buffers = new InFlightBuffers(MAX_KEPT_BYTES, new BufferPool(MAX_KEPT_BYTES));
  let position = from;
  let worked = from;
  const next = (): Promise<Buffer> | undefined => {
    if (position >= to) return undefined;
    const reading = readPiece(
      handle,
      buffers.acquire(Math.min(PIECE_BYTES, to - position), free?.() ?? worked),
      position,
    );
    // It may fail long before anybody waits for it.
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
      // The next one is read while this one is worked with.
      reading = next();
      yield piece;
      worked = position;
    }
    return undefined;
  } finally {
    // The file must not be closed under a read.
    await reading?.catch(() => undefined);
  }
}

async function readPiece(handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

/** Sums pieces up; what `check` throws after one of them ends it. */
export async function sumUp(
  pieces: AsyncIterable<Buffer>,
  { sum, check }: { sum: BodyChecksum; check: () => void },
): Promise<void> {
  for await (const piece of pieces) {
    sum.update(piece);
    check();
  }
}
