/** Pieces that are written one behind the other, by one call. */

/** How many bytes they have in all. */
export function bytesOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

/** What is left of them behind their first bytes. */
export function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const here = Math.min(skip, piece.length);
    skip -= here;
    return here === piece.length ? [] : [piece.subarray(here)];
  });
}
