/**
 * The open private folder, shared by all operations that use it at the same time; the last one closes it. Because it is
 * opened only here, a link that replaces the folder later cannot lead elsewhere.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import type { PathResolver } from '../walk/path-resolver.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** The open folder for one user. */
export interface FolderLease {
  readonly folder: OpenDirectory;
  /** Called once. */
  release(): Promise<void>;
}

interface SharedFolder {
  readonly folder: Promise<OpenDirectory>;
  users: number;
}

export class PartFolderHandle {
  readonly #resolver: PathResolver;
  #shared: SharedFolder | undefined;

  constructor(resolver: PathResolver) {
    this.#resolver = resolver;
  }

  /** ENOENT if the folder is missing, EACCES if it is not a directory. */
  async acquire(): Promise<FolderLease> {
    const shared = (this.#shared ??= { folder: this.#open(), users: 0 });
    shared.users += 1;
    try {
      return { folder: await shared.folder, release: () => this.#release(shared) };
    } catch (error) {
      this.#unshare(shared);
      throw error;
    }
  }

  /** The folder was removed: later calls open it again. */
  invalidate(): void {
    this.#shared = undefined;
  }

  async #open(): Promise<OpenDirectory> {
    const root = await this.#resolver.root();
    try {
      return await root.enter(PRIVATE_FOLDER);
    } catch (cause) {
      if (!hasErrno(cause, 'ELOOP', 'ENOTDIR')) throw cause;
      throw new TransferError('EACCES', `'${PRIVATE_FOLDER}' in the root is not a directory.`, { cause });
    }
  }

  async #release(shared: SharedFolder): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#unshare(shared);
    await (await shared.folder).close();
  }

  #unshare(shared: SharedFolder): void {
    if (this.#shared === shared) this.#shared = undefined;
  }
}
