/**
 * The gate of changes: those of different paths pass together, those of the same path one after the other, and whoever
 * must see the tree as it is, or moves whole parts of it, passes alone. All come in the order in which they have asked.
 */
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';

export class PathLock {
  readonly #passing = new Set<Promise<void>>();
  readonly #lastOn = new Map<string, Promise<void>>();
  #lastAlone: Promise<void> | undefined;

  /** Whether nobody is in it. */
  get isEmpty(): boolean {
    return this.#passing.size === 0;
  }

  /** Works while nobody else changes these paths, or the whole tree. */
  shared<T>(paths: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    const keys = [...new Set(paths.map(foldPath))];
    const before = [this.#lastAlone, ...keys.map((key) => this.#lastOn.get(key))].filter(
      (other) => other !== undefined,
    );
    const { result, over } = this.#pass(before, work);
    for (const key of keys) this.#lastOn.set(key, over);
    void over.then(() => {
      for (const key of keys) if (this.#lastOn.get(key) === over) this.#lastOn.delete(key);
    });
    return result;
  }

  /** Works while nobody else changes anything. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const { result, over } = this.#pass([...this.#passing], work);
    this.#lastAlone = over;
    return result;
  }

  #pass<T>(
    before: readonly Promise<void>[],
    work: () => Promise<T>,
  ): { result: Promise<T>; over: Promise<void> } {
    const result = Promise.all(before).then(work);
    const end = (): void => void this.#passing.delete(over);
    const over = result.then(end, end);
    this.#passing.add(over);
    return { result, over };
  }
}
