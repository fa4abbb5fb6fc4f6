/** What the operations of one directory storage share. */
import type { StorageWriteOptions } from '../storage.js';
import type { FileCalls } from './calls/file-calls.js';
import type { DirectorySizes } from './calls/names-reader.js';
import type { PartFolders } from './parts/part-folders.js';
import type { PathLocks } from './path-locks.js';
import type { Versions } from './versions.js';
import type { PathResolver } from './walk/path-resolver.js';

export interface DirectoryContext {
  readonly calls: FileCalls;
  readonly resolver: PathResolver;
  readonly parts: PartFolders;
  readonly locks: PathLocks;
  readonly versions: Versions;
  readonly directorySizes: DirectorySizes;
  /** Whether a change is written to the disk before it is reported as done. */
  readonly durable: boolean;
}

/** The context for one write, which may have its own `flush`. */
export function contextFor(context: DirectoryContext, { flush }: StorageWriteOptions): DirectoryContext {
  return flush === undefined ? context : { ...context, durable: flush };
}
