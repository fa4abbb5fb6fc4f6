/** Shrinks an input while it still violates the promise. */

// Enough for a few kilobytes; a finding must be reported quickly.
const MOST_TRIES = 3_000;

/** A smaller input of which the same holds, by taking out parts. */
export async function shrunk(input: Buffer, holds: (input: Buffer) => Promise<boolean>): Promise<Buffer> {
  let smallest = input;
  let tries = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1 && tries < MOST_TRIES; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length && tries < MOST_TRIES; tries += 1) {
      const candidate = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (await holds(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}
