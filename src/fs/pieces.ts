/** Pieces that are written one behind the other, by one call. */

/** How many bytes they have in all. */
export function bytesOfPieces(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

/** What is left of them behind their first bytes. */
export function piecesAfter(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(skip, piece.length);
    skip -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}

/**
 * Writes all pieces by a call that resolves with how many bytes it has written, which may be fewer. Resolves with how
 * many there were; rejects with EIO if the call writes none.
 */
export async function writePieces(
  pieces: readonly Uint8Array[],
  write: (rest: readonly Uint8Array[]) => Promise<number>,
): Promise<number> {
  const bytes = bytesOfPieces(pieces);
  let rest = pieces;
  for (let left = bytes; left > 0;) {
    const written = await write(rest);
    if (written === 0) throw Object.assign(new Error('The system writes no bytes.'), { code: 'EIO' });
    left -= written;
    if (left > 0) rest = piecesAfter(rest, written);
  }
  return bytes;
}
