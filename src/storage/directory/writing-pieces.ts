/** Writing pieces to an open file, however little of them the system takes at once. */
import { TransferError } from '../../errors.js';
import { bytesOf, without } from '../../files/pieces.js';
import type { FileCalls } from './file-calls.js';

/** Appends all of them. Resolves with how many bytes that were. */
export async function writePieces(
  calls: FileCalls,
  fd: number,
  pieces: readonly Uint8Array[],
): Promise<number> {
  const bytes = bytesOf(pieces);
  let rest = pieces;
  for (let left = bytes; left > 0;) {
    const written = await calls.writev(fd, rest);
    if (written === 0) throw new TransferError('EIO');
    left -= written;
    if (left > 0) rest = without(rest, written);
  }
  return bytes;
}
