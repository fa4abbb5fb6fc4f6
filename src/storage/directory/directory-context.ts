/** What the operations of one directory storage work with. */
import type { StorageWriteOptions } from '../storage.js';
import type { FileCalls } from './calls/file-calls.js';
import type { PartFolder } from './parts/part-folder.js';
import type { PathLocks } from './path-locks.js';
import type { PathResolver } from './walk/path-resolver.js';

export interface DirectoryContext {
  readonly calls: FileCalls;
  readonly tree: PathResolver;
  readonly parts: PartFolder;
  readonly locks: PathLocks;
  /** Whether what is reported as done is on the disk. */
  readonly durable: boolean;
}

/** The context for one write, which may have its own `flush`. */
export function contextFor(site: DirectoryContext, { flush }: StorageWriteOptions): DirectoryContext {
  return flush === undefined ? site : { ...site, durable: flush };
}
