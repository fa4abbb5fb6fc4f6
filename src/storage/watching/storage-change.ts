/** What a storage tells about a watched directory. */
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';

/**
 * One event of `Storage.watch`. A snapshot is `present` for each entry, a directory before its content, and then
 * `ready`. `changed` is told of files only. `removed` is about the path and everything below it, and `renamed` of a directory
 * moves everything below it. `lost`: changes may have been missed; those that were found follow, or another snapshot.
 */
export type StorageChange =
  | { readonly event: 'present' | 'created' | 'changed'; readonly entry: FileEntry }
  | { readonly event: 'renamed'; readonly entry: FileEntry; readonly from: RemotePath }
  | { readonly event: 'removed'; readonly path: RemotePath }
  | { readonly event: 'ready' | 'lost' };

/** Options of `Storage.watch`. */
export interface StorageWatchOptions {
  /** Whether to watch everything below the directory, too. */
  readonly recursive: boolean;
  /** Ends the watch: the iterable ends without an error. */
  readonly signal: AbortSignal;
  /** To be called while the storage works on the first snapshot, as in {@link StorageProgressOptions}. */
  readonly onProgress?: (() => void) | undefined;
}
