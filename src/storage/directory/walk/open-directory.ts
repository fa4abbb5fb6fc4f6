/**
 * A directory to which a walk has led: what is in it can be reached without following anything on the way again.
 * Two ways of walking implement it. By handles, nothing that happens to the path meanwhile leads elsewhere; by names,
 * the names are checked before and after, which leaves a gap to somebody who swaps directories and links at will.
 */
import type { Stats } from '../calls/file-calls.js';

export interface OpenDirectory {
  /** What a system call takes for the directory itself. */
  readonly self: string;

  /** Whether it was walked to by handles, so that `/proc/self/fd` leads to what is open. */
  readonly byHandle: boolean;

  /** What a system call takes for a name in it. The call must not follow a link there. */
  at(name: string): string;

  /** A directory in it, open until it is closed. ENOENT; ENOTDIR; ELOOP for a symbolic link. */
  enter(name: string): Promise<OpenDirectory>;

  /** Rejects unless the way that led here leads here still: what was found here meanwhile, was found in the tree. */
  confirm(): Promise<void>;

  /** Rejects unless what was just opened here, and was found to be `stats`, is what the name stands for. */
  confirmOpened(name: string, stats: Stats): Promise<void>;

  /** Resolves when what was changed in it is on the disk. */
  sync(): Promise<void>;

  close(): Promise<void>;
}
