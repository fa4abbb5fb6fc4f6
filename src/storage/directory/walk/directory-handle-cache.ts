/**
 * Walks to directories, shared by those who want the same one at the same time: most requests that come together are
 * about files of one directory, and to open it and close it costs more than to look at a file in it.
 *
 *     within(path) -> is somebody there who came in this turn? -> share the walk -> the last to leave closes it
 *                                                          \-> walk
 *
 * Nobody joins a walk that was made in an earlier turn of the event loop: what has become of the path since then, who
 * comes now is to find.
 */
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { OpenDirectory } from './open-directory.js';

interface Walk {
  readonly directory: Promise<OpenDirectory>;
  holders: number;
}

export class DirectoryHandleCache {
  readonly #walk: (path: RemotePath) => Promise<OpenDirectory>;
  readonly #walks = new Map<RemotePath, Walk>();
  /** Whether the end of this turn is awaited. */
  #awaited = false;

  constructor(walk: (path: RemotePath) => Promise<OpenDirectory>) {
    this.#walk = walk;
  }

  /** Works in a directory. Rejects as the walk does, or the work. */
  async within<T>(path: RemotePath, work: (directory: OpenDirectory) => Promise<T>): Promise<T> {
    const walk = this.#walks.get(path) ?? this.#begin(path);
    walk.holders += 1;
    try {
      return await work(await walk.directory);
    } finally {
      walk.holders -= 1;
      if (walk.holders === 0) await this.#end(path, walk);
    }
  }

  /** Who comes from now on walks anew: a path has changed. */
  forget(): void {
    this.#walks.clear();
  }

  #begin(path: RemotePath): Walk {
    const walk = { directory: this.#walk(path), holders: 0 };
    this.#walks.set(path, walk);
    if (!this.#awaited) setImmediate(() => this.#turnEnded());
    this.#awaited = true;
    return walk;
  }

  #turnEnded(): void {
    this.#awaited = false;
    this.forget();
  }

  async #end(path: RemotePath, walk: Walk): Promise<void> {
    if (this.#walks.get(path) === walk) this.#walks.delete(path);
    const directory = await walk.directory.catch(() => undefined);
    await directory?.close();
  }
}
