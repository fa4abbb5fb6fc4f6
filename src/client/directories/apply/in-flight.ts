/**
 * The actions that are being carried out. They run at the same time up to a number of bytes, except that an action waits for
 * earlier ones on its paths, on the directories above them and, if it concerns a whole directory, on all paths below.
 */

/** Bytes in flight: enough to fill a fast connection with a delay of 100 ms. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Bytes that an action counts besides its content: its request, and the calls of the file systems. Some batches of small files fit. */
const OVERHEAD_BYTES = 32 * 1024;

/** The most that one file counts: so a few large files run at once, and leave room for small ones. */
const MAX_COUNTED_BYTES = 4 * 1024 * 1024;

/** What an action needs to run. */
export interface InFlightAction {
  /** The paths that it reads or changes on the target. */
  readonly paths: readonly string[];
  /** Whether it waits for everything below its paths, too. */
  readonly isTree: boolean;
  /** The bytes that it sends. */
  readonly bytes: number;
}

export class InFlight {
  /** The latest action of each path. */
  readonly #latest = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;
  #wake: (() => void) | undefined;

  /** Resolves when there is room for another action. */
  async room(): Promise<void> {
    while (this.#bytes >= MAX_BYTES) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Resolves when no action runs. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Carries out an action after those that it depends on. `run` must not reject. */
  start({ paths, isTree, bytes }: InFlightAction, run: () => Promise<void>): void {
    const counted = Math.min(bytes, MAX_COUNTED_BYTES) + OVERHEAD_BYTES;
    const before = new Set(paths.flatMap((path) => this.#predecessors(path, isTree)));
    const started = before.size > 0 ? Promise.all(before).then(run) : run();
    const task = started.then(() => {
      this.#bytes -= counted;
      this.#running.delete(task);
      for (const path of paths) if (this.#latest.get(path) === task) this.#latest.delete(path);
      this.#wake?.();
    });
    this.#bytes += counted;
    this.#running.add(task);
    for (const path of paths) this.#latest.set(path, task);
  }

  #predecessors(path: string, isTree: boolean): Promise<void>[] {
    const found: (Promise<void> | undefined)[] = [this.#latest.get(path)];
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      found.push(this.#latest.get(path.slice(0, end)));
    if (path !== '') found.push(this.#latest.get(''));
    if (isTree) {
      const start = path === '' ? '' : `${path}/`;
      for (const [other, task] of this.#latest) if (other.startsWith(start)) found.push(task);
    }
    return found.filter((task) => task !== undefined);
  }
}
