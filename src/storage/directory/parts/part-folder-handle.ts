/**
 * The private folder while somebody works in it: walked to once for all who do, and let go of by the last of them. It
 * is reached by this walk only, so a link that is put in its place meanwhile leads nobody elsewhere.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import type { PathResolver } from '../walk/path-resolver.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** A share in the walk. */
export interface FolderHold {
  readonly folder: OpenDirectory;
  /** Called once. */
  release(): Promise<void>;
}

interface Walk {
  readonly folder: Promise<OpenDirectory>;
  holders: number;
}

export class PartFolderHandle {
  readonly #tree: PathResolver;
  #walk: Walk | undefined;

  constructor(tree: PathResolver) {
    this.#tree = tree;
  }

  /** Resolves with a share in the walk. ENOENT if there is no folder, EACCES if it is something else. */
  async hold(): Promise<FolderHold> {
    const walk = (this.#walk ??= { folder: this.#enter(), holders: 0 });
    walk.holders += 1;
    try {
      return { folder: await walk.folder, release: () => this.#release(walk) };
    } catch (error) {
      this.#end(walk);
      throw error;
    }
  }

  /** Who comes from now on walks anew: the folder that was held is gone. */
  forget(): void {
    this.#walk = undefined;
  }

  async #enter(): Promise<OpenDirectory> {
    const root = await this.#tree.root();
    try {
      return await root.enter(PRIVATE_FOLDER);
    } catch (cause) {
      if (!hasErrno(cause, 'ELOOP', 'ENOTDIR')) throw cause;
      throw new TransferError('EACCES', 'The private folder is not a directory.', { cause });
    }
  }

  async #release(walk: Walk): Promise<void> {
    walk.holders -= 1;
    if (walk.holders > 0) return;
    this.#end(walk);
    await (await walk.folder).close();
  }

  #end(walk: Walk): void {
    if (this.#walk === walk) this.#walk = undefined;
  }
}
