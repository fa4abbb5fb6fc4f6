// Files to move, and whether they are the same afterwards.
// @ts-check
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

export const LARGE_BYTES = 64 * 1024 * 1024;
const SMALL_FILES = 500;

export const large = 'large.bin';
export const text = 'text.txt';
/** Files of 1 to 16 KiB. */
export const small = Array.from({ length: SMALL_FILES }, (_, index) => `small/${index}.bin`);
export const all = [large, text, ...small];

/**
 * Makes all of them.
 * @param {string} folder
 */
export async function makeFiles(folder) {
  await mkdir(path.join(folder, 'small'), { recursive: true });
  const noise = randomFillSync(Buffer.allocUnsafe(LARGE_BYTES));
  await writeFile(path.join(folder, large), noise);
  await writeFile(
    path.join(folder, text),
    'One frame, another frame: a file.\nGrüße – 日本語\n'.repeat(2000),
  );
  for (const [index, name] of small.entries()) {
    const start = index * 16_384;
    await writeFile(path.join(folder, name), noise.subarray(start, start + sizeOfSmall(index)));
  }
}

/**
 * The SHA-256 of a file, in hexadecimal.
 * @param {string} file
 */
export async function digestOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * All sizes from 1 to 16 KiB, well mixed, and the same in every run.
 * @param {number} index
 */
function sizeOfSmall(index) {
  return 1024 + ((index * 7919) % (15 * 1024 + 1));
}
