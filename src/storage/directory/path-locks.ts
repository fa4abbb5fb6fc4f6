/** Locks on remote paths, within this process; other processes are excluded by the file system only. */
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';

/** One holder of a path's lock, or one in the queue for it. */
class LockRequest {
  #released: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  /** Resolves on release. The promise is made on demand, as locks are rarely contended. */
  released(): Promise<void> {
    this.#released ??= new Promise((resolve) => (this.#resolve = resolve));
    return this.#released;
  }

  release(): void {
    this.#resolve?.();
    this.#released = this.#resolve = undefined;
  }
}

export class PathLocks {
  /** The last request in the queue of each path. */
  readonly #last = new Map<string, LockRequest>();

  /**
   * Runs `work` while it holds the locks of all paths. It joins all queues in the same tick, so two calls with the same
   * paths never wait for each other.
   */
  async hold<T>(paths: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    const keys = keysOf(paths);
    const request = new LockRequest();
    const previous = this.#enqueue(keys, request);
    try {
      if (previous.length > 0) await Promise.all(previous);
      return await work();
    } finally {
      request.release();
      for (const key of keys) if (this.#last.get(key) === request) this.#last.delete(key);
    }
  }

  /** Whether the lock of a path is held. */
  isHeld(path: RemotePath): boolean {
    return this.#last.size > 0 && this.#last.has(foldPath(path));
  }

  #enqueue(keys: readonly string[], request: LockRequest): Promise<void>[] {
    const previous: Promise<void>[] = [];
    for (const key of keys) {
      const last = this.#last.get(key);
      if (last) previous.push(last.released());
      this.#last.set(key, request);
    }
    return previous;
  }
}

function keysOf(paths: readonly RemotePath[]): string[] {
  const keys = paths.map(foldPath);
  return keys.length < 2 ? keys : [...new Set(keys)];
}
