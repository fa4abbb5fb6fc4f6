/** Integers as unsigned LEB128: seven bits a byte, the lowest first, in as few bytes as they need. */

/** Bytes of the longest varint: 53 bits in groups of seven. */
export const MAX_VARINT_BYTES = 8;

/** Writes an integer from 0 to 2^53 - 1 and returns the index after it. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value;
  let index = at;
  // Divisions, because the bit operators know 32 bits only.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[index++] = (rest % 0x80) | 0x80;
  into[index++] = rest;
  return index;
}
