/**
 * One step of a plan that makes a target directory equal to a source directory. Plain data: a plan can be shown, written
 * as JSON, and carried out later.
 *
 *     scan both trees -> compare -> SyncAction ... -> carry out: directories, transfers, renames, deletes, times
 *
 * The order of a plan: directories and what is sent, each directory before its content -> copies and renames, which read
 * no file that is replaced -> deletes, children first -> the directories and files (reason `kind`, or below such a
 * directory) that come where something was deleted -> times and permission bits of directories. A step of one group may
 * need every step of the groups before.
 */

/** What a side knew of a file or directory when the plan was made. A change since then is found before the action is carried out. */
export interface SyncVersion {
  /** Size in bytes; 0 for a directory. */
  readonly size: number;
  /** Modification time in ms since 1970; undefined if the side has none. */
  readonly mtimeMs?: number | undefined;
  /** Permission bits, 0 to 0o777; undefined if the side has none. */
  readonly mode?: number | undefined;
  /** The etag, on the server only. */
  readonly etag?: string | undefined;
  /** Whether a symbolic link of a local source leads to the file. Any other file is not read if it has become a link. */
  readonly isLink?: true | undefined;
}

/** What all actions have. */
export interface SyncActionProperties<Kind extends string, Reason extends string> {
  readonly kind: Kind;
  /** The path below the root of both trees, with `/`, as the server names it. `''` is the root itself. */
  readonly path: string;
  /**
   * The path on the local side, if it differs from `path`: in its Unicode form, or by `encodeNames`. Bytes that are not
   * UTF-8 are the code units U+DC80 to U+DCFF.
   */
  readonly localPath?: string | undefined;
  readonly reason: Reason;
  /** Bytes that the action sends. */
  readonly bytes: number;
}

/** Creates a directory on the target. */
export interface MakeDirectoryAction extends SyncActionProperties<'make-directory', 'new'> {
  readonly source: SyncVersion;
}

/** Sends a file: one that the target lacks, or another version of one that it has. */
export interface TransferAction extends SyncActionProperties<
  'transfer',
  'new' | 'size' | 'mtime' | 'newer' | 'content' | 'kind'
> {
  readonly source: SyncVersion;
  /** The version that is replaced; undefined if there is none. */
  readonly target?: SyncVersion | undefined;
}

/** Sends the end of a file whose beginning the target has. */
export interface AppendAction extends SyncActionProperties<'append', 'grown'> {
  readonly source: SyncVersion;
  readonly target: SyncVersion;
}

/** Copies a file within the target instead of sending it. */
export interface CopyAction extends SyncActionProperties<'copy', 'same-content'> {
  /** The path on the target that has the content. */
  readonly from: string;
  /** The local path of `from`, if the target is local and the path differs from `from`. */
  readonly localFrom?: string | undefined;
  /** The version at `from`; another one is ESTALE. Undefined if the file there was not compared by its content. */
  readonly origin?: SyncVersion | undefined;
  readonly source: SyncVersion;
  readonly target?: SyncVersion | undefined;
}

/** Renames a file within the target instead of sending it. */
export interface RenameAction extends SyncActionProperties<'rename', 'moved' | 'case'> {
  /** The path that the file has on the target. */
  readonly from: string;
  /** The local path of `from`, if the target is local and the path differs from `from`. */
  readonly localFrom?: string | undefined;
  /** The version at `from`; another one is ESTALE. Undefined if the file there was not compared by its content. */
  readonly origin?: SyncVersion | undefined;
  readonly source: SyncVersion;
}

/** Sets the modification time or the permission bits of a file or directory whose content is equal. */
export interface TouchAction extends SyncActionProperties<'touch', 'mtime' | 'mode' | 'mtime-and-mode'> {
  readonly source: SyncVersion;
  readonly target?: SyncVersion | undefined;
}

/** Deletes a file, or a directory and everything in it that the plan deletes, too. */
export interface DeleteAction extends SyncActionProperties<'delete', 'extra' | 'kind'> {
  readonly entry: 'file' | 'directory';
  readonly target?: SyncVersion | undefined;
}

/** An entry that is neither sent nor deleted, and why. */
export interface ProblemAction extends SyncActionProperties<
  'problem',
  'link' | 'special' | 'unreadable' | 'name' | 'collision' | 'conflict'
> {
  /** A sentence for people. */
  readonly message: string;
  /** Whether an option leaves the entry out, as `links: 'skip'` does with the links of a source. Such a problem leaves a result complete. */
  readonly isSkipped?: true | undefined;
}

/** One step of a plan. All are plain data. */
export type SyncAction =
  | MakeDirectoryAction
  | TransferAction
  | AppendAction
  | CopyAction
  | RenameAction
  | TouchAction
  | DeleteAction
  | ProblemAction;
