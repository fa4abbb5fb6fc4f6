/**
 * A read-write lock with paths: changes of different paths run together, changes of one path run in turn, and exclusive
 * work (counting, moving whole trees) runs alone. Work starts in the order of the calls.
 */
import { systemClock, type Clock } from '../../clock.js';
import { foldPath, type RemotePath } from '../../protocol/remote-path.js';
import { atIntervals } from './at-intervals.js';

type OnProgress = () => void;

export class PathLock {
  /** Tells the work that waits about progress of the work that runs, at most once in 50 ms. */
  readonly reportProgress: () => void;
  readonly #pending = new Set<Promise<void>>();
  /** Of the work that has not started. */
  readonly #waiting = new Set<OnProgress>();
  readonly #lastOnPath = new Map<string, Promise<void>>();
  #lastExclusive: Promise<void> | undefined;

  constructor(now: Clock = systemClock) {
    this.reportProgress = atIntervals(() => this.#tellWaiting(), now);
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /**
   * Runs work while no other work changes these paths, and none is exclusive.
   *
   * @param onProgress - called on progress of other work, until this work starts
   */
  shared<T>(paths: readonly RemotePath[], work: () => Promise<T>, onProgress?: OnProgress): Promise<T> {
    const keys = [...new Set(paths.map(foldPath))];
    const { result, ended } = this.#runAfter(
      [this.#lastExclusive, ...keys.map((key) => this.#lastOnPath.get(key))],
      work,
      onProgress,
    );
    for (const key of keys) this.#lastOnPath.set(key, ended);
    void ended.then(() => {
      for (const key of keys) if (this.#lastOnPath.get(key) === ended) this.#lastOnPath.delete(key);
    });
    return result;
  }

  /** Runs work while no other work runs. As `shared`. */
  exclusive<T>(work: () => Promise<T>, onProgress?: OnProgress): Promise<T> {
    const { result, ended } = this.#runAfter([...this.#pending], work, onProgress);
    this.#lastExclusive = ended;
    return result;
  }

  #tellWaiting(): void {
    for (const onProgress of this.#waiting) onProgress();
  }

  #runAfter<T>(
    earlier: Iterable<Promise<void> | undefined>,
    work: () => Promise<T>,
    onProgress: OnProgress | undefined,
  ): { result: Promise<T>; ended: Promise<void> } {
    if (onProgress) this.#waiting.add(onProgress);
    const result = Promise.all([...earlier]).then(() => {
      if (onProgress) this.#waiting.delete(onProgress);
      return work();
    });
    const end = (): void => {
      this.#pending.delete(ended);
      this.#tellWaiting();
    };
    const ended = result.then(end, end);
    this.#pending.add(ended);
    return { result, ended };
  }
}
