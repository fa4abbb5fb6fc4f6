/**
 * Directories by path, where there are no descriptors to walk by: each name is checked to be a directory, and a result
 * counts only when all names have been checked again. Weaker than descriptors: two swaps between three checks are not
 * noticed, nor is a swap just before a change.
 */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessDenied } from '../../../fs/errno.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { OpenDirectory, replacedError } from './open-directory.js';

const { O_RDONLY, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A path, and what it stood for. */
interface CheckedPath {
  readonly path: string;
  readonly stats: Stats;
}

export class NamedDirectory extends OpenDirectory {
  readonly byHandle = false;
  /** The directories from the root down to this one, without the root. */
  readonly #checked: readonly CheckedPath[];

  private constructor(calls: FileCalls, self: string, checked: readonly CheckedPath[]) {
    super(calls, self);
    this.#checked = checked;
  }

  /** The root, whose path comes from the program and may contain links. */
  static root(calls: FileCalls, path: string): NamedDirectory {
    return new NamedDirectory(calls, path, []);
  }

  async enter(name: string): Promise<OpenDirectory> {
    const path = this.at(name);
    const stats = await this.calls.lstat(path);
    if (stats.isSymbolicLink()) throw new TransferError('ELOOP');
    if (!stats.isDirectory()) throw new TransferError('ENOTDIR');
    return new NamedDirectory(this.calls, path, [...this.#checked, { path, stats }]);
  }

  async chmod(name: string, stats: Stats, mode: number): Promise<void> {
    const path = this.at(name);
    const open = (flags: number): Promise<number | undefined> =>
      unlessDenied(this.calls.open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0));
    const fd = (await open(O_RDONLY)) ?? (await open(O_WRONLY));
    await this.confirm();
    // What may be neither read nor written has no descriptor.
    if (fd === undefined) return this.calls.chmod(path, mode);
    await this.withOpened(fd, stats, () => this.calls.fchmod(fd, mode));
  }

  override async confirm(): Promise<void> {
    for (const checked of this.#checked) await this.#checkAgain(checked);
  }

  override async confirmOpened(name: string, stats: Stats): Promise<void> {
    await this.confirm();
    await this.#checkAgain({ path: this.at(name), stats });
  }

  async #checkAgain({ path, stats }: CheckedPath): Promise<void> {
    const now = await this.calls.lstat(path);
    if (now.isSymbolicLink()) throw new TransferError('ELOOP');
    if (!isSameFile(now, stats)) throw replacedError();
  }
}
