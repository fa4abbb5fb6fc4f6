/**
 * Writing to local files without a thread: where the system takes bytes into its cache, the trip to a thread and back
 * costs as much as the write, and the bytes are in another processor's cache by then.
 *
 *     in which directory? -> is it local? -> gate open? -> here
 *                                      \----------\-> for threads
 */
import fs from 'node:fs';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { LocalMountCache } from '../../../sync-fs/local-mount-cache.js';
import { bytesOfPieces } from '../../../fs/pieces.js';

export class SyncWriter {
  readonly #directories = new LocalMountCache();
  // Whether files are local is asked once for each, when it is opened: it stays where it is.
  readonly #gate = new SyncCallGate();

  /** Whether what is in a directory is on this machine. Its path is absolute. */
  isLocal(directory: string): Promise<boolean> {
    return this.#directories.has(`${directory}/`);
  }

  /** Writes pieces at a position. How many bytes were written; undefined where that is for threads. */
  write(fd: number, pieces: readonly Uint8Array[], position: number): number | undefined {
    return this.#gate.run(() => fs.writevSync(fd, pieces, position), bytesOfPieces(pieces));
  }
}

/** The process's. */
export const syncWriter = new SyncWriter();
