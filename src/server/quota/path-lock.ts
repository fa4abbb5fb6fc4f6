/**
 * A read-write lock with paths: changes of different paths run together, changes of one path run in turn, and exclusive
 * work (counting, moving whole trees) runs alone. Work starts in the order of the calls.
 */
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';

export class PathLock {
  readonly #pending = new Set<Promise<void>>();
  readonly #lastOnPath = new Map<string, Promise<void>>();
  #lastExclusive: Promise<void> | undefined;

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Runs work while no other work changes these paths, and none is exclusive. */
  shared<T>(paths: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    const keys = [...new Set(paths.map(foldPath))];
    const { result, ended } = this.#runAfter(
      [this.#lastExclusive, ...keys.map((key) => this.#lastOnPath.get(key))],
      work,
    );
    for (const key of keys) this.#lastOnPath.set(key, ended);
    void ended.then(() => {
      for (const key of keys) if (this.#lastOnPath.get(key) === ended) this.#lastOnPath.delete(key);
    });
    return result;
  }

  /** Runs work while no other work runs. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const { result, ended } = this.#runAfter([...this.#pending], work);
    this.#lastExclusive = ended;
    return result;
  }

  #runAfter<T>(
    earlier: Iterable<Promise<void> | undefined>,
    work: () => Promise<T>,
  ): { result: Promise<T>; ended: Promise<void> } {
    const result = Promise.all([...earlier]).then(work);
    const end = (): void => void this.#pending.delete(ended);
    const ended = result.then(end, end);
    this.#pending.add(ended);
    return { result, ended };
  }
}
