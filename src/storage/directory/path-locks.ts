/** One at a time for what concerns the same path, within this process. Others can be told only by the file system. */
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';

/** Who works with a path, or waits for it. */
class PathLock {
  #over: Promise<void> | undefined;
  #end: (() => void) | undefined;

  /** Resolves when it is over. Nearly nobody asks. */
  over(): Promise<void> {
    this.#over ??= new Promise((resolve) => (this.#end = resolve));
    return this.#over;
  }

  end(): void {
    this.#end?.();
    this.#over = this.#end = undefined;
  }
}

export class PathLocks {
  readonly #last = new Map<string, PathLock>();

  /**
   * Works while nobody else works with one of the paths. The places in all queues are taken in the same turn, so that
   * two who want the same paths never wait for each other.
   */
  async hold<T>(paths: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    const keys = keysOf(paths);
    const hold = new PathLock();
    const before = this.#enter(keys, hold);
    try {
      if (before.length > 0) await Promise.all(before);
      return await work();
    } finally {
      hold.end();
      for (const key of keys) if (this.#last.get(key) === hold) this.#last.delete(key);
    }
  }

  /** Whether somebody works with a path, or waits for it. */
  isHeld(path: RemotePath): boolean {
    return this.#last.size > 0 && this.#last.has(foldPath(path));
  }

  /** Takes the last place in each queue; what is to be waited for. */
  #enter(keys: readonly string[], hold: PathLock): Promise<void>[] {
    const before: Promise<void>[] = [];
    for (const key of keys) {
      const last = this.#last.get(key);
      if (last) before.push(last.over());
      this.#last.set(key, hold);
    }
    return before;
  }
}

function keysOf(paths: readonly RemotePath[]): string[] {
  const keys = paths.map(foldPath);
  return keys.length < 2 ? keys : [...new Set(keys)];
}
