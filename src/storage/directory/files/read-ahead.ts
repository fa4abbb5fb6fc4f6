/**
 * Reads a small file when it is opened, which shows whether the file system knows its size. In virtual file systems, such as
 * `/proc` and `/sys`, the size is 0 or that of a page, whatever the file contains.
 */
import { createHash } from 'node:crypto';
import { TransferError } from '../../../errors.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';

/** Largest size, in bytes, that is compared with the content. Virtual files have the size of a page, at most 64 KiB. */
const MAX_SIZE_BYTES = 64 * 1024;

/** Largest content of a virtual file: it is held in memory. */
const MAX_VIRTUAL_BYTES = 16 * 1024 * 1024;

const CHUNK_BYTES = 64 * 1024;

/** The whole content of a file. */
export interface ReadAhead {
  readonly bytes: Buffer;
  /** Set if the file is virtual: a hash of the content, because times and size do not show its changes. */
  readonly hash?: string | undefined;
}

/** Reads an open file; undefined for an empty file, a large one, and one that changes meanwhile. EFBIG for a large virtual one. */
export async function readAhead(calls: FileCalls, fd: number, stats: Stats): Promise<ReadAhead | undefined> {
  if (stats.size > MAX_SIZE_BYTES) return undefined;
  const size = Number(stats.size);
  const bytes = await readUpTo(calls, fd, { position: 0, length: size || CHUNK_BYTES });
  if (size > 0 && bytes.length === size) return { bytes };
  if (size === 0 && bytes.length === 0) return undefined;
  const whole = size > 0 ? bytes : await readToEnd(calls, fd, bytes);
  const after = await calls.fstat(fd);
  // The sizes of virtual files do not change, and those of other files change with their content.
  if (after.size !== stats.size) return undefined;
  return { bytes: whole, hash: createHash('sha256').update(whole).digest('hex').slice(0, 32) };
}

async function readToEnd(calls: FileCalls, fd: number, start: Buffer): Promise<Buffer> {
  const pieces = [start];
  let position = start.length;
  for (let piece = start; piece.length > 0; position += piece.length) {
    if (position > MAX_VIRTUAL_BYTES) {
      throw new TransferError(
        'EFBIG',
        'The file system does not know the size of the file, and it is too large to be held.',
      );
    }
    piece = await readUpTo(calls, fd, { position, length: CHUNK_BYTES });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Reads until the length or the end of the file: virtual files end a read early. */
async function readUpTo(
  calls: FileCalls,
  fd: number,
  { position, length }: { position: number; length: number },
): Promise<Buffer> {
  const target = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytes = await calls.read(fd, target.subarray(filled), position + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return target.subarray(0, filled);
}
