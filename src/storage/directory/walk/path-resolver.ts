/**
 * Resolves remote paths below a root. No other file turns a remote path into a path for system calls.
 *
 *     'a/b/c' -> root.enter('a') -> enter('b') -> work(directory, 'c')
 *
 * A name in the root costs no call; each directory on the path costs one call to open it and one to close it, shared by
 * requests of the same tick.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import {
  isPortablePath,
  notPortable,
  REMOTE_ROOT,
  splitPath,
  type RemotePath,
} from '../../../protocol/remote-path.js';
import { missingParentError, rootPathError, unavailableError } from '../../path-error.js';
import { TreeCursor } from './tree-cursor.js';
import type { FileCalls } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { FD_DIRECTORY, findFdDirectory, HandleDirectory } from './handle-directory.js';
import { LatestDirectory } from './latest-directory.js';
import { NamedDirectory } from './named-directory.js';
import { hasPrivateName, isShortName, PRIVATE_FOLDER } from './private-folder.js';
import { DirectoryHandleCache } from './directory-handle-cache.js';
import type { OpenDirectory } from './open-directory.js';

/** Which kind of directories to use; `'handles'` requires `/proc`. */
export type Walking = 'handles' | 'names';

export class PathResolver {
  readonly #calls: FileCalls;
  readonly #rootPath: string;
  readonly #walking: Walking | undefined;
  readonly #platform: NodeJS.Platform;
  #root: OpenDirectory | undefined;
  readonly #directories = new DirectoryHandleCache((path) => this.#open(path));
  readonly #latest = new LatestDirectory();

  /** @param walking - default: handles where they can be used */
  constructor(
    calls: FileCalls,
    rootPath: string,
    {
      walking,
      platform = process.platform,
    }: { walking?: Walking | undefined; platform?: NodeJS.Platform | undefined },
  ) {
    this.#calls = calls;
    this.#rootPath = rootPath;
    this.#walking = walking;
    this.#platform = platform;
  }

  /**
   * Calls `work` with the parent directory of a path, and with the name in it. EACCES for the root, which has no name,
   * and for private folders; ENOENT, ENOTDIR, ELOOP.
   */
  async inParent<T>(
    path: RemotePath,
    work: (directory: OpenDirectory, name: string) => Promise<T>,
  ): Promise<T> {
    if (path === REMOTE_ROOT) throw rootPathError(path);
    if (this.#platform === 'win32' || hasPrivateName(path) || isShortName(path))
      await this.checkAddressable(path);
    const { directory, name } = splitPath(path);
    // The root is never closed.
    if (directory === REMOTE_ROOT) return await work(this.#root ?? (await this.root()), name);
    let isOpen = false;
    try {
      return await this.#directories.use(directory, (parent) => {
        isOpen = true;
        return work(parent, name);
      });
    } catch (error) {
      throw !isOpen && hasErrno(error, 'ENOENT') ? missingParentError(path, error) : error;
    }
  }

  /**
   * As `inParent`, within a synchronous sequence: the directory is open until the next call or the end of the tick.
   * Undefined where that is not possible, and for a path that `inParent` refuses or has to look at.
   */
  parentSync(path: RemotePath): { readonly directory: OpenDirectory; readonly name: string } | undefined {
    const root = this.#root;
    if (!(root instanceof HandleDirectory) || path === REMOTE_ROOT || this.#platform === 'win32')
      return undefined;
    if (hasPrivateName(path) || isShortName(path)) return undefined;
    const { directory: parent, name } = splitPath(path);
    const directory = parent === REMOTE_ROOT ? root : this.#latest.open(root, parent);
    return directory && { directory, name };
  }

  /** Calls `work` with an open directory, which is addressable. ENOENT, ENOTDIR, ELOOP. */
  async inDirectory<T>(path: RemotePath, work: (directory: OpenDirectory) => Promise<T>): Promise<T> {
    if (path === REMOTE_ROOT) return work(await this.root());
    return this.#directories.use(path, work);
  }

  /** A directory was created, renamed or removed: what was found before is not shared with later requests. */
  clearCache(): void {
    this.#directories.clear();
    this.#latest.close();
  }

  /** A cursor at a directory, which is opened at the first use. */
  async cursor(path: RemotePath): Promise<TreeCursor> {
    await this.checkAddressable(path);
    return new TreeCursor(await this.root(), segmentsOf(path));
  }

  /** Resolves when the root is found; undefined if it is. Rejects if it is missing. */
  ready(): Promise<unknown> | undefined {
    return this.#root ? undefined : this.#findRoot();
  }

  async root(): Promise<OpenDirectory> {
    return this.#root ?? this.#findRoot();
  }

  /** Whether the system can look up each name of a path: on Windows, others lead to streams, devices or other names. */
  canHold(path: RemotePath): boolean {
    return this.#platform !== 'win32' || path === REMOTE_ROOT || isPortablePath(path);
  }

  /** Rejects with EACCES for the path of a private folder or its content, however it is spelled; with EILSEQ if `canHold` is false. */
  async checkAddressable(path: RemotePath): Promise<void> {
    if (!this.canHold(path)) throw notPortable(path);
    if (hasPrivateName(path) || (isShortName(path) && (await this.#leadsToPrivateFolder(path)))) {
      throw new TransferError('EACCES', `The name '${PRIVATE_FOLDER}' is reserved.`);
    }
  }

  /** The error of a root that is missing or is not a directory; undefined if it is one. */
  async unavailable(): Promise<TransferError | undefined> {
    try {
      const stats = await this.#calls.stat(this.#rootPath);
      return stats.isDirectory() ? undefined : unavailableError(new TransferError('ENOTDIR'));
    } catch (error) {
      return unavailableError(error);
    }
  }

  /** Creates the root directory and its parents if they are missing. */
  async makeRoot(): Promise<void> {
    await this.#calls.mkdirs(this.#rootPath);
  }

  async #findRoot(): Promise<OpenDirectory> {
    const fdDirectory = await this.#fdDirectory();
    this.#root ??=
      fdDirectory === undefined
        ? NamedDirectory.root(this.#calls, this.#rootPath)
        : HandleDirectory.root(this.#calls, this.#rootPath, fdDirectory);
    return this.#root;
  }

  async #fdDirectory(): Promise<string | undefined> {
    if (this.#walking === undefined) return findFdDirectory(this.#calls, this.#rootPath);
    return this.#walking === 'handles' ? FD_DIRECTORY : undefined;
  }

  async #open(path: RemotePath): Promise<OpenDirectory> {
    const root = this.#root ?? (await this.root());
    let current = root;
    for (const name of segmentsOf(path)) {
      const parent = current;
      try {
        current = await parent.enter(name);
      } finally {
        if (parent !== root) await parent.close();
      }
    }
    return current;
  }

  /** Whether a name of a path is another name of the private folder beside it. */
  async #leadsToPrivateFolder(path: RemotePath): Promise<boolean> {
    const cursor = new TreeCursor(await this.root(), []);
    try {
      for (const name of segmentsOf(path)) {
        if (isShortName(name) && (await this.#isPrivateFolder(await cursor.current(), name))) return true;
        await cursor.down(name);
      }
    } catch (error) {
      // The path leads nowhere, or to a file, as the request itself reports.
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) throw error;
    } finally {
      await cursor.close();
    }
    return false;
  }

  async #isPrivateFolder(directory: OpenDirectory, name: string): Promise<boolean> {
    const [named, folder] = await Promise.all(
      [name, PRIVATE_FOLDER].map((one) => unlessMissing(this.#calls.lstat(directory.at(one)))),
    );
    return named !== undefined && folder !== undefined && isSameFile(named, folder);
  }
}

function segmentsOf(path: RemotePath): string[] {
  return path === REMOTE_ROOT ? [] : path.split('/');
}
