/**
 * The tree of files below a root: every remote path becomes something to call the system with here, and nowhere else.
 *
 *     'a/b/c' -> root.enter('a') -> enter('b') -> work(directory, 'c')
 *
 * A name at the root costs no call at all, a directory on the way one to open it and one to close it, once for all who
 * want it at the same time.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import { missingParent } from '../../missing-parent.js';
import { TreeCursor } from './tree-cursor.js';
import type { FileCalls } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { findHandles, HandleDirectory, HANDLES } from './handle-directory.js';
import { NamedDirectory } from './named-directory.js';
import { isPrivateName, isShortName, PRIVATE_FOLDER } from './private-folder.js';
import { DirectoryHandleCache } from './directory-handle-cache.js';
import type { OpenDirectory } from './open-directory.js';

/** How directories are walked; `'handles'` only where `/proc` is. */
export type Walking = 'handles' | 'names';

/** Where handles are if nobody needs to look. */
const givenHandles: Record<Walking, string | undefined> = { handles: HANDLES, names: undefined };

export class PathResolver {
  readonly #calls: FileCalls;
  readonly #rootPath: string;
  readonly #walking: Walking | undefined;
  #root: OpenDirectory | undefined;
  readonly #walks = new DirectoryHandleCache((directory) => this.#walk(directory));

  constructor(calls: FileCalls, rootPath: string, walking: Walking | undefined) {
    this.#calls = calls;
    this.#rootPath = rootPath;
    this.#walking = walking;
  }

  /** Works with the name of a path, in the directory that holds it. EACCES for the root, which has no name. */
  async inParent<T>(
    path: RemotePath,
    work: (directory: OpenDirectory, name: string) => Promise<T>,
  ): Promise<T> {
    if (path === REMOTE_ROOT) throw new TransferError('EACCES', 'This cannot be done to the root.');
    if (isSuspicious(path)) await this.checkAddressable(path);
    const { directory, name } = splitPath(path);
    // The root has nothing to be closed.
    if (directory === REMOTE_ROOT) return await work(this.#root ?? (await this.root()), name);
    let isThere = false;
    try {
      return await this.#walks.within(directory, (parent) => {
        isThere = true;
        return work(parent, name);
      });
    } catch (error) {
      throw !isThere && hasErrno(error, 'ENOENT') ? missingParent(path, error) : error;
    }
  }

  /** A directory has got another name, or is gone: what was walked to before is shared with nobody who comes now. */
  forget(): void {
    this.#walks.forget();
  }

  /** Starts at a directory, to see what is in it. Nothing is opened before the first step. */
  async descent(path: RemotePath): Promise<TreeCursor> {
    await this.checkAddressable(path);
    return new TreeCursor(await this.root(), segmentsOf(path));
  }

  /** The root. */
  async root(): Promise<OpenDirectory> {
    return this.#root ?? this.#find();
  }

  /** Rejects with EACCES for what is in the private folder, however it is spelled. */
  async checkAddressable(path: RemotePath): Promise<void> {
    const first = firstName(path);
    if (isPrivateName(first) || (isShortName(first) && (await this.#isPrivateFolder(first)))) {
      throw new TransferError('EACCES', 'The name is reserved.');
    }
  }

  /** Makes the directory that is the root, with those above it, unless it is there. */
  async makeRoot(): Promise<void> {
    await this.#calls.mkdirs(this.#rootPath);
  }

  async #find(): Promise<OpenDirectory> {
    const [calls, path] = [this.#calls, this.#rootPath];
    const handles =
      this.#walking === undefined ? await findHandles(calls, path) : givenHandles[this.#walking];
    this.#root ??=
      handles === undefined ? NamedDirectory.root(calls, path) : HandleDirectory.root(calls, path, handles);
    return this.#root;
  }

  async #walk(path: RemotePath): Promise<OpenDirectory> {
    const root = this.#root ?? (await this.root());
    let current = root;
    for (const name of segmentsOf(path)) {
      const outer = current;
      try {
        current = await outer.enter(name);
      } finally {
        if (outer !== root) await outer.close();
      }
    }
    return current;
  }

  async #isPrivateFolder(name: string): Promise<boolean> {
    const root = await this.root();
    const [named, folder] = await Promise.all(
      [name, PRIVATE_FOLDER].map((one) => unlessMissing(this.#calls.lstat(root.at(one)))),
    );
    return named !== undefined && folder !== undefined && isSameFile(named, folder);
  }
}

/** Whether a path may be one that is refused. Nearly none is. */
function isSuspicious(path: RemotePath): boolean {
  const first = firstName(path);
  return isShortName(first) || isPrivateName(first);
}

function firstName(path: RemotePath): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

function segmentsOf(path: RemotePath): string[] {
  return path === REMOTE_ROOT ? [] : path.split('/');
}
