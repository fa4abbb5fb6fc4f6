/** What a storage knows of the private folder in one directory. */
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Files that stay in a private folder: suspended uploads and commit records. */
export type KeptKind = 'part' | 'record';

/** An open folder that operations share. */
export interface SharedFolder {
  readonly folder: Promise<OpenDirectory>;
  /** The tick in which it was opened. */
  readonly tick: number;
  users: number;
}

export class KnownFolder {
  /** The path of the directory. */
  readonly directory: RemotePath;
  /** The number of kept files. */
  readonly kept = { part: 0, record: 0 };
  /** Whether this storage has used the folder, so that its files count towards the limits, or has only listed it. */
  isOwn = false;
  /** Operations that use the folder at present. */
  users = 0;
  /** Whether an operation has used it since the last look for unused folders. */
  wasUsed = false;
  /** When the folder was last swept, or was created; -Infinity if neither has happened. */
  sweptAt = -Infinity;
  /** Whether the filter knows all commit records in the folder. */
  hasAllRecords = false;
  /** What later operations may share. */
  shared: SharedFolder | undefined;

  constructor(directory: RemotePath) {
    this.directory = directory;
  }

  /** The folder was just created, so there is nothing to sweep. */
  begin(): void {
    this.sweptAt = Date.now();
    this.hasAllRecords = true;
  }
}
