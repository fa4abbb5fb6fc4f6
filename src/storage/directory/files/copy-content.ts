/**
 * Copying the bytes of an open file to an empty file that is open for appending:
 *
 *     the file system shares blocks?   the copy shares those of the original
 *     the original has holes?          blocks of zeros become holes: Node cannot ask the system where the holes are
 *     otherwise                        the system copies the bytes
 */
import { constants } from 'node:fs';
import { writePieces } from '../../../fs/pieces.js';
import type { FileCalls } from '../calls/file-calls.js';
import { withCopyProgress } from './copy-progress.js';
import type { OpenedFile } from './opened-file.js';

const { COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants;

/** The blocks of nearly all file systems. */
const BLOCK_BYTES = 4096;

const ZEROS = Buffer.alloc(BLOCK_BYTES);

interface CopyTarget {
  readonly fd: number;
  /** Called while bytes are copied. */
  readonly onProgress?: (() => void) | undefined;
}

/** Copies all bytes. Resolves with their number. */
export async function copyContent(calls: FileCalls, source: OpenedFile, target: CopyTarget): Promise<number> {
  const { fd, onProgress = () => undefined } = target;
  const { handlePath, isSparse } = source;
  if (handlePath === undefined) return copyPieces(calls, source, target);
  // By descriptor, because the call would follow a link that has replaced the part file.
  const copyBySystem = (flags: number): Promise<void> =>
    withOwnerKept(calls, fd, () =>
      withCopyProgress(calls.copyFile(handlePath, `/proc/self/fd/${fd}`, flags), {
        calls,
        target: fd,
        onProgress,
      }),
    );
  if (!isSparse) {
    await copyBySystem(COPYFILE_FICLONE);
    return source.entry.size;
  }
  try {
    await copyBySystem(COPYFILE_FICLONE_FORCE);
    return source.entry.size;
  } catch {
    // The file system does not share blocks.
    return copyPieces(calls, source, target);
  }
}

/** Since Node.js 22, `copyFile` gives the copy the owner and the group of the original, where the process may do that. */
async function withOwnerKept(calls: FileCalls, fd: number, copy: () => Promise<void>): Promise<void> {
  const { uid, gid } = await calls.fstat(fd);
  try {
    await copy();
  } finally {
    const copied = await calls.fstat(fd);
    if (copied.uid !== uid || copied.gid !== gid)
      await calls.fchown(fd, Number(uid), Number(gid)).catch(() => undefined);
  }
}

async function copyPieces(
  calls: FileCalls,
  source: OpenedFile,
  { fd, onProgress }: CopyTarget,
): Promise<number> {
  let position = 0;
  let written = 0;
  for await (const piece of source.pieces()) {
    for (const run of source.isSparse ? runsOf(piece) : [{ bytes: piece, isZero: false }]) {
      if (!run.isZero) {
        // Writes go to the end, so a hole before them is made by moving the end.
        if (written < position) await calls.ftruncate(fd, position);
        await writePieces([run.bytes], (rest) => calls.writev(fd, rest));
        written = position + run.bytes.length;
      }
      position += run.bytes.length;
    }
    onProgress?.();
  }
  if (written < position) await calls.ftruncate(fd, position);
  return position;
}

/** Splits bytes into runs of blocks that are zero, and of others. */
function* runsOf(piece: Uint8Array): Generator<{ bytes: Uint8Array; isZero: boolean }> {
  let start = 0;
  let wasZero = isZeroBlock(piece, 0);
  for (let at = BLOCK_BYTES; at < piece.length; at += BLOCK_BYTES) {
    const isZero = isZeroBlock(piece, at);
    if (isZero === wasZero) continue;
    yield { bytes: piece.subarray(start, at), isZero: wasZero };
    start = at;
    wasZero = isZero;
  }
  yield { bytes: piece.subarray(start), isZero: wasZero };
}

function isZeroBlock(piece: Uint8Array, at: number): boolean {
  const end = Math.min(at + BLOCK_BYTES, piece.length);
  return ZEROS.compare(piece, at, end, 0, end - at) === 0;
}
