/**
 * Shares open directories between requests of the same tick: requests that arrive together mostly concern files of one
 * directory, and opening and closing it costs more than a `stat` of a file in it.
 *
 *     use(path) -> opened in this tick? -> share it -> the last user closes it
 *                                     \-> open it
 *
 * A later tick never shares a directory of an earlier one, as the path may have changed since then.
 */
import { setImmediate } from '../../../clock.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { OpenDirectory } from './open-directory.js';

interface SharedDirectory {
  readonly directory: Promise<OpenDirectory>;
  users: number;
}

export class DirectoryHandleCache {
  readonly #open: (path: RemotePath) => Promise<OpenDirectory>;
  readonly #shared = new Map<RemotePath, SharedDirectory>();
  #isClearScheduled = false;

  constructor(open: (path: RemotePath) => Promise<OpenDirectory>) {
    this.#open = open;
  }

  /** Calls `work` with an open directory. Rejects if opening it fails, or `work`. */
  async use<T>(path: RemotePath, work: (directory: OpenDirectory) => Promise<T>): Promise<T> {
    const shared = this.#shared.get(path) ?? this.#share(path);
    shared.users += 1;
    try {
      return await work(await shared.directory);
    } finally {
      shared.users -= 1;
      if (shared.users === 0) await this.#close(path, shared);
    }
  }

  /** Later calls open directories again. */
  clear(): void {
    this.#shared.clear();
  }

  #share(path: RemotePath): SharedDirectory {
    const shared = { directory: this.#open(path), users: 0 };
    this.#shared.set(path, shared);
    if (!this.#isClearScheduled) {
      setImmediate(() => {
        this.#isClearScheduled = false;
        this.clear();
      });
    }
    this.#isClearScheduled = true;
    return shared;
  }

  async #close(path: RemotePath, shared: SharedDirectory): Promise<void> {
    if (this.#shared.get(path) === shared) this.#shared.delete(path);
    const directory = await shared.directory.catch(() => undefined);
    await directory?.close();
  }
}
