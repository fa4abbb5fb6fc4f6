/**
 * Removes temporary files of processes that were killed within a synchronous sequence: one for each such process, at most.
 * A listing finds them. A process that still runs has no older one, as a sequence takes less than a ms.
 */
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { PathResolver } from '../walk/path-resolver.js';

/** Age in ms from which a file is removed: longer than a process stands still. If it does, its write takes another way. */
const MIN_AGE_MS = 60 * 60 * 1000;

/** Removals at once; the next listing finds the others. */
const MAX_RUNNING = 16;

export class TemporarySweep {
  readonly #calls: FileCalls;
  readonly #resolver: PathResolver;
  readonly #running = new Set<Promise<void>>();

  constructor(calls: FileCalls, resolver: PathResolver) {
    this.#calls = calls;
    this.#resolver = resolver;
  }

  /** A listing has found a temporary file in a directory. */
  note(directory: RemotePath, name: string): void {
    if (this.#running.size >= MAX_RUNNING) return;
    const removal = this.#removeIfOld(directory, name)
      // Best effort: the next listing finds what could not be removed.
      .catch(() => undefined)
      .finally(() => this.#running.delete(removal));
    this.#running.add(removal);
  }

  /** Resolves when no removal is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #removeIfOld(directory: RemotePath, name: string): Promise<void> {
    return this.#resolver.inDirectory(directory, async (opened) => {
      const stats = await this.#calls.lstat(opened.at(name));
      if (!stats.isFile() || Number(stats.ctimeMs) > Date.now() - MIN_AGE_MS) return;
      await this.#calls.unlink(opened.at(name), Number(stats.size));
    });
  }
}
