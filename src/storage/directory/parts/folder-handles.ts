/**
 * Open private folders, each shared by the operations that use it at the same time; the last one closes it. Because a
 * folder is opened only here, a link that replaces it later cannot lead elsewhere.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import type { FileCalls } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import type { KnownFolder, SharedFolder } from './known-folder.js';
import { setImmediate } from '../../../clock.js';

/** Others have no access. A new folder gets the group and the default access control list of its directory anyway. */
const MODE = 0o700;

/** An open folder for one operation. */
export interface FolderLease {
  readonly known: KnownFolder;
  readonly folder: OpenDirectory;
  /** Called once. */
  release(): Promise<void>;
}

export class FolderHandles {
  readonly #calls: FileCalls;
  #tick = 0;
  #isTickScheduled = false;

  constructor(calls: FileCalls) {
    this.#calls = calls;
  }

  /** Opens the folder in a directory, and creates it if it is missing. EACCES if one of the two is not allowed. */
  async acquire(known: KnownFolder, directory: OpenDirectory): Promise<FolderLease> {
    return this.#using(known, async () => {
      const shared =
        (await this.#join(known, directory)) ?? this.#share(known, this.#openOrMake(known, directory));
      return this.#leaseOf(known, shared);
    });
  }

  /** Opens the folder in a directory; undefined if it is missing. */
  async find(known: KnownFolder, directory: OpenDirectory): Promise<FolderLease | undefined> {
    return this.#using(known, async () => {
      const joined = await this.#join(known, directory);
      if (joined) return this.#leaseOf(known, joined);
      const folder = await unlessMissing(enterPrivateFolder(directory));
      return folder && this.#leaseOf(known, this.#share(known, Promise.resolve(folder)));
    });
  }

  /** Counts a user while a lease exists. */
  async #using<Lease extends FolderLease | undefined>(
    known: KnownFolder,
    open: () => Promise<Lease>,
  ): Promise<Lease> {
    known.users += 1;
    known.wasUsed = true;
    let lease: Lease | undefined;
    try {
      return (lease = await open());
    } finally {
      if (!lease) known.users -= 1;
    }
  }

  /** The shared folder, if the directory still holds the same one. It counts as used. */
  async #join(known: KnownFolder, directory: OpenDirectory): Promise<SharedFolder | undefined> {
    const { shared } = known;
    if (!shared) return undefined;
    shared.users += 1;
    if (shared.tick === this.#tick || (await this.#isIn(directory, shared))) return shared;
    await this.#leave(known, shared);
    return undefined;
  }

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
    return (known.shared = { folder, tick: this.#tick, users: 1 });
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
    try {
      const folder = await shared.folder;
      return { known, folder, release: () => this.#release(known, shared) };
    } catch (error) {
      await this.#leave(known, shared);
      throw error;
    }
  }

  #release(known: KnownFolder, shared: SharedFolder): Promise<void> {
    known.users -= 1;
    return this.#leave(known, shared);
  }

  async #leave(known: KnownFolder, shared: SharedFolder): Promise<void> {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (known.shared === shared) known.shared = undefined;
    const folder = await shared.folder.catch(() => undefined);
    await folder?.close();
  }

  async #openOrMake(known: KnownFolder, directory: OpenDirectory): Promise<OpenDirectory> {
    const found = await unlessMissing(enterPrivateFolder(directory));
    if (found) return found;
    try {
      await this.#calls.mkdir(directory.at(PRIVATE_FOLDER), MODE);
      known.begin();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw creationError(error);
    }
    return enterPrivateFolder(directory);
  }
}

/** Opens the private folder in a directory. ENOENT if it is missing, EACCES if it is not a directory. */
export async function enterPrivateFolder(directory: OpenDirectory): Promise<OpenDirectory> {
  try {
    return await directory.enter(PRIVATE_FOLDER);
  } catch (cause) {
    if (!hasErrno(cause, 'ELOOP', 'ENOTDIR')) throw cause;
    throw new TransferError('EACCES', `'${PRIVATE_FOLDER}' beside the file is not a directory.`, { cause });
  }
}

/** Why no new file can be made in a directory. */
export function creationError(cause: unknown): unknown {
  if (!hasErrno(cause, 'EACCES', 'EPERM')) return cause;
  return new TransferError('EACCES', "The server's process may not create files in this directory.", {
    cause,
  });
}
