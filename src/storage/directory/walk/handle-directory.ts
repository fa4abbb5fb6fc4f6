/**
 * Directories by descriptor, for Linux: `/proc/<process>/fd/<fd>/<name>` works in any call as `openat` would. A descriptor
 * is only a place to look names up; the calls that read or flush a directory open it once more.
 */
import fs, { constants } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { OpenDirectory } from './open-directory.js';

const { O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Opens a directory to look names up in it, which needs no permission to read it. Node does not name the flag, which has
 * this value on every platform that Node supports.
 */
const O_PATH = 0x200000;

/** The descriptors of this process, provided that `/proc` shows the same process number. */
export const FD_DIRECTORY = `/proc/${process.pid}/fd`;

export class HandleDirectory extends OpenDirectory {
  readonly byHandle = true;
  readonly #fdDirectory: string;
  readonly #fd: number | undefined;

  private constructor(calls: FileCalls, self: string, fdDirectory: string, fd?: number) {
    super(calls, self);
    this.#fdDirectory = fdDirectory;
    this.#fd = fd;
  }

  /** The root, which needs no descriptor: its path comes from the program and may contain links. */
  static root(calls: FileCalls, path: string, fdDirectory: string): HandleDirectory {
    return new HandleDirectory(calls, path, fdDirectory);
  }

  async enter(name: string): Promise<OpenDirectory> {
    try {
      const fd = await this.calls.open(this.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
      return new HandleDirectory(this.calls, `${this.#fdDirectory}/${fd}`, this.#fdDirectory, fd);
    } catch (error) {
      throw await this.#translateError(error, name);
    }
  }

  /** As `enter`, within a synchronous sequence. Throws system errors: ENOTDIR also for a symbolic link. */
  enterSync(name: string): HandleDirectory {
    const fd = fs.openSync(this.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return new HandleDirectory(this.calls, `${this.#fdDirectory}/${fd}`, this.#fdDirectory, fd);
  }

  // The descriptor needs no permission to read or write, and its path leads to what is open, whatever has the name now.
  async chmod(name: string, stats: Stats, mode: number): Promise<void> {
    const fd = await this.calls.open(this.at(name), O_PATH | O_NOFOLLOW, 0);
    await this.withOpened(fd, stats, () => this.calls.chmod(`${this.#fdDirectory}/${fd}`, mode));
  }

  // Linux reports ENOTDIR for a link, too, when both flags are given.
  async #translateError(error: unknown, name: string): Promise<unknown> {
    if (!hasErrno(error, 'ENOTDIR')) return error;
    const stats = await this.calls.lstat(this.at(name)).catch(() => undefined);
    return stats?.isSymbolicLink() ? new TransferError('ELOOP', undefined, { cause: error }) : error;
  }

  override async close(): Promise<void> {
    // Nothing was written through the descriptor, so a failure loses nothing.
    if (this.#fd !== undefined) await this.calls.close(this.#fd, 0).catch(() => undefined);
  }

  closeSync(): void {
    try {
      if (this.#fd !== undefined) fs.closeSync(this.#fd);
    } catch {
      // As in `close`.
    }
  }
}

/**
 * Where the descriptors of this process are; undefined where they cannot be used: a container may lack `/proc`, and
 * another system's `/proc` may differ. The path with the process number is half a microsecond faster, but `/proc` may
 * know the process by another number.
 */
export async function findFdDirectory(calls: FileCalls, root: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const fd = await calls.open(root, O_PATH | O_DIRECTORY, 0);
  try {
    const opened = await calls.fstat(fd);
    const isOurs = (await readlink('/proc/self').catch(() => '')) === String(process.pid);
    for (const fdDirectory of [...(isOurs ? [FD_DIRECTORY] : []), '/proc/self/fd']) {
      const reached = await calls.lstat(`${fdDirectory}/${fd}/.`).catch(() => undefined);
      if (reached && isSameFile(opened, reached)) return fdDirectory;
    }
    return undefined;
  } finally {
    await calls.close(fd, 0);
  }
}
