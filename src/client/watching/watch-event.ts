/** What a watch gives to the program. */
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { CallOptions } from '../request/abort.js';

/**
 * A change of a watched directory. `changed` is about files only: that of a directory would repeat the changes in it.
 * `removed` has the last entry that was known, and comes for each entry of a removed directory. `renamed` of a directory moves
 * everything below it. `lost`: events before it may be missing; the differences that they have made follow.
 */
export type WatchEvent =
  | { readonly kind: 'created' | 'changed' | 'removed' | 'present'; readonly entry: FileEntry }
  | { readonly kind: 'renamed'; readonly entry: FileEntry; readonly from: RemotePath }
  | { readonly kind: 'lost' | 'ready' };

/** Options of `FileClient.watch`. */
export interface WatchOptions extends CallOptions {
  /** Watches everything below the directory, too. Default false. */
  recursive?: boolean | undefined;
  /** Whether to begin with `present` for each entry that exists, and `ready` after them. Default false. */
  snapshot?: boolean | undefined;
  /**
   * Which entries to tell of: a rename from or to other entries is told as `created` or `removed`. It must depend on the entry
   * only. Default: all.
   */
  filter?: ((entry: FileEntry) => boolean) | undefined;
  /**
   * Entries of the directory that the client remembers, to tell what has changed while it had no connection. A directory with
   * more fails with EFLOOD. From 1. Default 100,000.
   */
  maxEntries?: number | undefined;
}

/** The changes of a directory. Leaving a `for await` loop, or `await using`, ends the watch. */
export interface Watch extends AsyncIterableIterator<WatchEvent, undefined, undefined>, AsyncDisposable {}
