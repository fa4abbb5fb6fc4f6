/** Writing pieces to an open file, however little of them the system takes at once. */
import { TransferError } from '../../errors.js';
import type { FileCalls } from './file-calls.js';

/** Appends all of them. Resolves with how many bytes that were. */
export async function writePieces(
  calls: FileCalls,
  fd: number,
  pieces: readonly Uint8Array[],
): Promise<number> {
  let bytes = 0;
  let rest = pieces.filter((piece) => piece.length > 0);
  while (rest.length > 0) {
    const written = await calls.writev(fd, rest);
    if (written === 0) throw new TransferError('EIO');
    bytes += written;
    rest = without(rest, written);
  }
  return bytes;
}

/** Pieces without their first bytes. */
function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(skip, piece.length);
    skip -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}
