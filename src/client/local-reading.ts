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
  while (position < range.to) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, range.to - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return undefined;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  return undefined;
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
