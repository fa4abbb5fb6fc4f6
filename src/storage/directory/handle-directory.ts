/** The way of walking by handles, for Linux: `/proc/self/fd/<fd>/<name>` is to any call what `openat` would be. */
import { constants } from 'node:fs';
import { TransferError } from '../../errors.js';
import { syncDirectory } from './directory-sync.js';
import type { FileCalls, Stats } from './file-calls.js';
import { isSameFile } from './file-entry.js';
import { hasCode } from './file-failure.js';
import type { WalkedDirectory } from './walked-directory.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

export class HandleDirectory implements WalkedDirectory {
  readonly self: string;
  readonly byHandle = true;
  readonly #calls: FileCalls;
  readonly #fd: number | undefined;

  private constructor(calls: FileCalls, self: string, fd: number | undefined) {
    this.#calls = calls;
    this.self = self;
    this.#fd = fd;
  }

  /** The root, which needs no handle: its path is trusted as the program gave it, links and all. */
  static root(calls: FileCalls, path: string): HandleDirectory {
    return new HandleDirectory(calls, path, undefined);
  }

  at(name: string): string {
    return `${this.self}/${name}`;
  }

  async enter(name: string): Promise<WalkedDirectory> {
    try {
      const fd = await this.#calls.open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
      return new HandleDirectory(this.#calls, `/proc/self/fd/${fd}`, fd);
    } catch (error) {
      throw await this.#explained(error, name);
    }
  }

  // Linux says ENOTDIR of a link, too, when both flags are given.
  async #explained(error: unknown, name: string): Promise<unknown> {
    if (!hasCode(error, 'ENOTDIR')) return error;
    const stats = await this.#calls.lstat(this.at(name)).catch(() => undefined);
    return stats?.isSymbolicLink() ? new TransferError('ELOOP', undefined, { cause: error }) : error;
  }

  async confirm(): Promise<void> {
    // A handle leads to one directory only.
  }

  async confirmOpened(): Promise<void> {
    // It was opened through a handle, and without following a link.
  }

  sync(): Promise<void> {
    return this.#fd === undefined ? syncDirectory(this.#calls, this.self) : this.#calls.fsync(this.#fd);
  }

  async close(): Promise<void> {
    // Nothing was written through it, so that there is nothing that a failure could mean.
    if (this.#fd !== undefined) await this.#calls.close(this.#fd, 0).catch(() => undefined);
  }
}

/** Whether this system can walk by handles: not every container has a `/proc`, and not every `/proc` is Linux's. */
export async function canWalkByHandles(calls: FileCalls, root: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const fd = await calls.open(root, O_RDONLY | O_DIRECTORY, 0);
  try {
    const [opened, reached] = await Promise.all([calls.fstat(fd), found(calls, `/proc/self/fd/${fd}/.`)]);
    return reached !== undefined && isSameFile(opened, reached);
  } finally {
    await calls.close(fd, 0);
  }
}

function found(calls: FileCalls, path: string): Promise<Stats | undefined> {
  return calls.lstat(path).catch(() => undefined);
}
