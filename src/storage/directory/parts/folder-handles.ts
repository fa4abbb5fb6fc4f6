/**
 * Open private folders, each shared by the operations that use it at the same time; the last one closes it. Because a
 * folder is opened only here, a link that replaces it later cannot lead elsewhere.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import { checkTrusted } from './check-trusted.js';
import type { FileCalls } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { keepingTime } from './keeping-time.js';
import type { KnownFolder, SharedFolder } from './known-folder.js';
import { setImmediate } from '../../../clock.js';

/** Others have no access. A new folder gets the group and the default access control list of its directory anyway. */
const MODE = 0o700;

/** An open folder for one operation, which releases it once. */
export interface FolderLease {
  readonly known: KnownFolder;
  readonly folder: OpenDirectory;
  readonly shared: SharedFolder;
}

export class FolderHandles {
  readonly #calls: FileCalls;
  #tick = 0;
  #isTickScheduled = false;

  constructor(calls: FileCalls) {
    this.#calls = calls;
  }

  /** Opens the folder in a directory, and creates it if it is missing. EACCES if that is not allowed, or not safe. */
  async acquire(known: KnownFolder, directory: OpenDirectory): Promise<FolderLease> {
    const { shared } = known;
    const isCurrent = shared && (shared.tick === this.#tick || (await this.#isIn(directory, shared)));
    // Its last user may have closed it meanwhile.
    if (isCurrent && known.shared === shared) return this.#leaseOf(known, shared);
    return this.#leaseOf(known, this.#share(known, this.#openOrMake(known, directory)));
  }

  /** Opens the folder in a directory; undefined if it is missing. */
  async find(known: KnownFolder, directory: OpenDirectory): Promise<FolderLease | undefined> {
    const { shared } = known;
    const isCurrent = shared && (await this.#isIn(directory, shared));
    if (isCurrent && known.shared === shared) return this.#leaseOf(known, shared);
    const entered = await unlessMissing(enterPrivateFolder(directory));
    const folder = entered && (await this.#trusted(entered));
    return folder && this.#leaseOf(known, this.#share(known, Promise.resolve(folder)));
  }

  async release({ known, shared, folder }: FolderLease): Promise<void> {
    known.users -= 1;
    shared.users -= 1;
    if (shared.users > 0) return;
    if (known.shared === shared) known.shared = undefined;
    await folder.close();
  }

  /** Whether a shared folder is still the one in the directory. */
  async #isIn(directory: OpenDirectory, shared: SharedFolder): Promise<boolean> {
    try {
      const [now, opened] = await Promise.all([
        this.#calls.lstatIfAny(directory.at(PRIVATE_FOLDER)),
        shared.folder.then((folder) => this.#calls.lstat(folder.at('.'))),
      ]);
      return now !== undefined && isSameFile(now, opened);
    } catch {
      // Opening the folder again reports why.
      return false;
    }
  }

  #share(known: KnownFolder, folder: Promise<OpenDirectory>): SharedFolder {
    this.#scheduleTick();
    return (known.shared = { folder, tick: this.#tick, users: 0 });
  }

  #scheduleTick(): void {
    if (this.#isTickScheduled) return;
    this.#isTickScheduled = true;
    setImmediate(() => {
      this.#isTickScheduled = false;
      this.#tick += 1;
    });
  }

  async #leaseOf(known: KnownFolder, shared: SharedFolder): Promise<FolderLease> {
    known.users += 1;
    known.wasUsed = true;
    shared.users += 1;
    try {
      return { known, shared, folder: await shared.folder };
    } catch (error) {
      known.users -= 1;
      shared.users -= 1;
      if (known.shared === shared) known.shared = undefined;
      throw error;
    }
  }

  async #openOrMake(known: KnownFolder, directory: OpenDirectory): Promise<OpenDirectory> {
    const entered = await unlessMissing(enterPrivateFolder(directory));
    if (entered) return this.#trusted(entered);
    try {
      await keepingTime(this.#calls, directory, () => this.#calls.mkdir(directory.at(PRIVATE_FOLDER), MODE));
      known.begin();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw creationError(error);
    }
    return this.#trusted(await enterPrivateFolder(directory));
  }

  async #trusted(folder: OpenDirectory): Promise<OpenDirectory> {
    try {
      await checkTrusted(this.#calls, folder);
      return folder;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }
}

/** Opens the private folder in a directory. ENOENT if it is missing, EACCES if it is not a directory. */
export async function enterPrivateFolder(directory: OpenDirectory): Promise<OpenDirectory> {
  try {
    return await directory.enter(PRIVATE_FOLDER);
  } catch (error) {
    throw folderError(error);
  }
}

function folderError(cause: unknown): unknown {
  if (!hasErrno(cause, 'ELOOP', 'ENOTDIR')) return cause;
  return new TransferError('EACCES', `'${PRIVATE_FOLDER}' beside the file is not a directory.`, { cause });
}

/** Why no new file can be made in a directory. */
export function creationError(cause: unknown): unknown {
  if (!hasErrno(cause, 'EACCES', 'EPERM')) return cause;
  return new TransferError('EACCES', "The server's process may not create files in this directory.", {
    cause,
  });
}
