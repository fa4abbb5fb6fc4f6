/** Reading an open local file piece by piece. */
import type { FileHandle } from 'node:fs/promises';
import type { BodyCheck } from '../protocol/checksum.js';

const PIECE_BYTES = 256 * 1024;

/** The bytes of a range, each piece in a buffer of its own; ends early where the file does. */
export async function* readPieces(
  handle: FileHandle,
  range: { from: number; to: number },
): AsyncGenerator<Buffer, undefined, undefined> {
  let position = range.from;
  let reading = nextPiece(handle, position, range.to);
  try {
    while (reading) {
      const piece: Buffer = await reading;
      if (piece.length === 0) return undefined;
      position += piece.length;
      // The next one is read while this one is worked with.
      reading = nextPiece(handle, position, range.to);
      yield piece;
    }
    return undefined;
  } finally {
    // The file must not be closed under a read.
    await reading?.catch(() => undefined);
  }
}

function nextPiece(handle: FileHandle, position: number, to: number): Promise<Buffer> | undefined {
  if (position >= to) return undefined;
  const reading = readPiece(handle, Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, to - position)), position);
  // It may fail long before anybody waits for it.
  reading.catch(() => undefined);
  return reading;
}

async function readPiece(handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

/** Sums pieces up; what `check` throws after one of them ends it. */
export async function sumUp(
  pieces: AsyncIterable<Buffer>,
  { sum, check }: { sum: BodyCheck; check: () => void },
): Promise<void> {
  for await (const piece of pieces) {
    sum.update(piece);
    check();
  }
}
