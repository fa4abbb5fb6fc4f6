/** Copying the bytes of an open file to an empty file that is open for appending. */
import { constants } from 'node:fs';
import { writePieces } from '../../../fs/pieces.js';
import type { FileCalls } from '../calls/file-calls.js';
import { withCopyProgress } from './copy-progress.js';
import type { OpenedFile } from './opened-file.js';

/** Copies all bytes; where the file system can, the copy shares the blocks of the original. Resolves with their number. */
export async function copyContent(
  calls: FileCalls,
  source: OpenedFile,
  { fd, onProgress = () => undefined }: { fd: number; onProgress?: (() => void) | undefined },
): Promise<number> {
  if (source.handlePath !== undefined) {
    // By descriptor, because the call would follow a link that has replaced the part file.
    const copy = calls.copyFile(source.handlePath, `/proc/self/fd/${fd}`, constants.COPYFILE_FICLONE);
    await withCopyProgress(copy, { calls, target: fd, onProgress });
    return source.entry.size;
  }
  let bytes = 0;
  for await (const piece of source.pieces()) {
    bytes += await writePieces([piece], (rest) => calls.writev(fd, rest));
    onProgress();
  }
  return bytes;
}
