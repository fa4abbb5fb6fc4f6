/** One at a time for what concerns the same path, within this process. Others can be told only by the file system. */
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';

export class PathLocks {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Works while nobody else works with one of the paths. The places in all queues are taken in the same turn, so that
   * two who want the same paths never wait for each other.
   */
  async hold<T>(paths: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    const keys = [...new Set(paths.map(foldPath))];
    const before = keys.map((key) => this.#last.get(key)).filter((held) => held !== undefined);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    for (const key of keys) this.#last.set(key, held);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const key of keys) if (this.#last.get(key) === held) this.#last.delete(key);
    }
  }
}
