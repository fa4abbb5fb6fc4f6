/** What the operations of one directory storage work with. */
import type { FileCalls } from './calls/file-calls.js';
import type { PartFolder } from './parts/part-folder.js';
import type { PathLocks } from './path-locks.js';
import type { Tree } from './walk/tree.js';

export interface Site {
  readonly calls: FileCalls;
  readonly tree: Tree;
  readonly parts: PartFolder;
  readonly locks: PathLocks;
  /** Whether what is reported as done is on the disk. */
  readonly durable: boolean;
}
