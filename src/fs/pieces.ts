/** Lists of byte arrays that one call writes in order. */

/** Total number of bytes. */
export function bytesOfPieces(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

/** The pieces without their first `bytes` bytes. */
export function piecesAfter(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(skip, piece.length);
    skip -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}

/**
 * Calls `write`, which resolves with the number of bytes written, until all pieces are written. Resolves with their total
 * number of bytes; EIO if `write` writes none.
 */
export async function writePieces(
  pieces: readonly Uint8Array[],
  write: (rest: readonly Uint8Array[]) => Promise<number>,
): Promise<number> {
  const bytes = bytesOfPieces(pieces);
  let rest = pieces;
  for (let left = bytes; left > 0;) {
    const written = await write(rest);
    if (written === 0)
      throw Object.assign(new Error(`The system wrote 0 of ${left} bytes.`), { code: 'EIO' });
    left -= written;
    if (left > 0) rest = piecesAfter(rest, written);
  }
  return bytes;
}
