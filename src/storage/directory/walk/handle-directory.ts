/** The way of walking by handles, for Linux: `/proc/<process>/fd/<fd>/<name>` is to any call what `openat` would be. */
import { constants } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { syncDirectory } from './sync-directory.js';
import type { FileCalls } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import type { OpenDirectory } from './open-directory.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/** Where this process's handles are, if `/proc` knows it by the number by which it knows itself. */
export const HANDLES = `/proc/${process.pid}/fd`;

/** What all directories have in common that are walked to from one root. */
interface Way {
  readonly calls: FileCalls;
  /** Where this process's handles are. */
  readonly handles: string;
}

export class HandleDirectory implements OpenDirectory {
  readonly self: string;
  readonly byHandle = true;
  readonly #way: Way;
  readonly #fd: number | undefined;

  private constructor(way: Way, self: string, fd: number | undefined) {
    this.#way = way;
    this.self = self;
    this.#fd = fd;
  }

  /** The root, which needs no handle: its path is trusted as the program gave it, links and all. */
  static root(calls: FileCalls, path: string, handles: string): HandleDirectory {
    return new HandleDirectory({ calls, handles }, path, undefined);
  }

  at(name: string): string {
    return `${this.self}/${name}`;
  }

  async enter(name: string): Promise<OpenDirectory> {
    try {
      const fd = await this.#way.calls.open(this.at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
      return new HandleDirectory(this.#way, `${this.#way.handles}/${fd}`, fd);
    } catch (error) {
      throw await this.#explained(error, name);
    }
  }

  // Linux says ENOTDIR of a link, too, when both flags are given.
  async #explained(error: unknown, name: string): Promise<unknown> {
    if (!hasErrno(error, 'ENOTDIR')) return error;
    const stats = await this.#way.calls.lstat(this.at(name)).catch(() => undefined);
    return stats?.isSymbolicLink() ? new TransferError('ELOOP', undefined, { cause: error }) : error;
  }

  async confirm(): Promise<void> {
    // A handle leads to one directory only.
  }

  async confirmOpened(): Promise<void> {
    // It was opened through a handle, and without following a link.
  }

  sync(): Promise<void> {
    return this.#fd === undefined
      ? syncDirectory(this.#way.calls, this.self)
      : this.#way.calls.fsync(this.#fd);
  }

  async close(): Promise<void> {
    // Nothing was written through it, so that there is nothing that a failure could mean.
    if (this.#fd !== undefined) await this.#way.calls.close(this.#fd, 0).catch(() => undefined);
  }
}

/**
 * Where this process's handles are, by which can be walked; undefined where they are not: not every container has a
 * `/proc`, and not every `/proc` is Linux's. By the number of the process they are found half a microsecond sooner, where
 * `/proc` knows it by the same one.
 */
export async function findHandles(calls: FileCalls, root: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const fd = await calls.open(root, O_RDONLY | O_DIRECTORY, 0);
  try {
    const opened = await calls.fstat(fd);
    const isOurs = (await readlink('/proc/self').catch(() => '')) === String(process.pid);
    for (const handles of [...(isOurs ? [HANDLES] : []), '/proc/self/fd']) {
      const reached = await calls.lstat(`${handles}/${fd}/.`).catch(() => undefined);
      if (reached && isSameFile(opened, reached)) return handles;
    }
    return undefined;
  } finally {
    await calls.close(fd, 0);
  }
}
