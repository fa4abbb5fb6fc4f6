/**
 * The way of walking by names, where there are no handles: each name on the way is looked at and must be a directory,
 * and what was found is believed only when the whole way has been looked at again. Weaker: two swaps between three
 * looks go unnoticed, and so does one just before something is changed.
 */
import { TransferError } from '../../../errors.js';
import { syncDirectory } from './sync-directory.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import type { OpenDirectory } from './open-directory.js';

/** A name on the way, and what it stood for. */
interface Step {
  readonly path: string;
  readonly stats: Stats;
}

export class NamedDirectory implements OpenDirectory {
  readonly self: string;
  readonly byHandle = false;
  readonly #calls: FileCalls;
  readonly #way: readonly Step[];

  private constructor(calls: FileCalls, self: string, way: readonly Step[]) {
    this.#calls = calls;
    this.self = self;
    this.#way = way;
  }

  /** The root, whose path is trusted as the program gave it, links and all. */
  static root(calls: FileCalls, path: string): NamedDirectory {
    return new NamedDirectory(calls, path, []);
  }

  at(name: string): string {
    return `${this.self}/${name}`;
  }

  async enter(name: string): Promise<OpenDirectory> {
    const path = this.at(name);
    const stats = await this.#calls.lstat(path);
    if (stats.isSymbolicLink()) throw new TransferError('ELOOP');
    if (!stats.isDirectory()) throw new TransferError('ENOTDIR');
    return new NamedDirectory(this.#calls, path, [...this.#way, { path, stats }]);
  }

  async confirm(): Promise<void> {
    for (const step of this.#way) await this.#confirmStep(step);
  }

  async confirmOpened(name: string, stats: Stats): Promise<void> {
    await this.confirm();
    await this.#confirmStep({ path: this.at(name), stats });
  }

  async #confirmStep({ path, stats }: Step): Promise<void> {
    const now = await this.#calls.lstat(path);
    if (now.isSymbolicLink()) throw new TransferError('ELOOP');
    if (!isSameFile(now, stats)) throw new TransferError('EBUSY', 'The path was changed meanwhile.');
  }

  sync(): Promise<void> {
    return syncDirectory(this.#calls, this.self);
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
