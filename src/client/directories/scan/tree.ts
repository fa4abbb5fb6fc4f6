/** The contract of a tree of files that is compared: the local one, that of a server, or a double. */

/** An entry of a directory, as it was listed. */
export interface ScannedEntry {
  /** The name on this side. */
  readonly name: string;
  /** `'special'`: a pipe, device or socket. */
  readonly kind: 'file' | 'directory' | 'link' | 'special';
  /** Size in bytes; 0 for all but files. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Permission bits, 0 to 0o777; undefined if the side has none. */
  readonly mode?: number | undefined;
  readonly etag?: string | undefined;
  /** Equal for two paths to the same directory; undefined where no links are followed. */
  readonly identity?: string | undefined;
  /** Whether a symbolic link that is followed leads to it. */
  readonly isLink?: true | undefined;
  /** Whether this process may not read the file. */
  readonly isUnreadable?: boolean | undefined;
}

/** How a directory is listed. */
export interface ListRequest {
  readonly signal: AbortSignal;
  /** Undefined: as many as the side can hold. */
  readonly maxEntries?: number | undefined;
  /** Called with each entry, in any order. */
  readonly add: (entry: ScannedEntry) => void;
}

/** Paths are below the root of the tree, in the names of this side; the root is `''`. All methods end with the signal. */
export interface Tree {
  /** Difference in ms between two modification times that the side can tell apart. */
  readonly mtimeStepMs: number;
  /** Whether a new name is likely to be the same as one in another case. What exists is asked for. */
  readonly foldsNames: boolean;
  /** Whether the side has permission bits; known after `stat('')`. */
  readonly hasModes: boolean;
  /** Whether the modification time of the root can be set. */
  readonly canTouchRoot: boolean;
  /** The entry at a path; undefined if there is none. The root may be a link to a directory. */
  stat(path: string, signal: AbortSignal): Promise<ScannedEntry | undefined>;
  /**
   * Lists a directory completely, or rejects. A side whose entries come from a peer rejects with EFLOOD if there are more
   * than `maxEntries`, or more than it can hold. Resolves with the number of entries that the side cannot name.
   */
  list(path: string, request: ListRequest): Promise<number>;
  /** The SHA-256 of a file. */
  checksum(path: string, signal: AbortSignal): Promise<string>;
  /** The SHA-256 of the first bytes of a file. */
  prefixChecksum(path: string, bytes: number, signal: AbortSignal): Promise<string>;
}
