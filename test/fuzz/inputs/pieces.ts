/** Cuts bytes into pieces of any size, as from a socket. The pieces depend only on the bytes. */
import { crc32 } from 'node:zlib';
import { Random } from '../../faults/fixtures/random.js';

/** The chance that goes with an input, so that the same input is always treated the same. */
export function chanceOf(input: Uint8Array): Random {
  return new Random(crc32(input));
}

/** Bytes in pieces of up to so many bytes, through one buffer that is used again and again. */
export function* piecesOf(bytes: Uint8Array, random: Random, most: number): Generator<Buffer> {
  const reused = Buffer.alloc(most);
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + random.integer(1, most));
    reused.set(piece);
    yield reused.subarray(0, piece.length);
    // A view of the piece that was kept must not find the old bytes.
    reused.fill(0x0a, 0, piece.length);
    at += piece.length;
  }
}
