/**
 * The actions that are being carried out. They run at the same time up to a number of bytes, except that an action waits for
 * earlier ones on its paths, on the directories above them and, if it concerns a whole directory, on all paths below.
 *
 *     add(task, action) ... -> the tasks before -> run(task): after them -> its paths are free
 */

/** Bytes in flight: enough to fill a fast connection with a delay of 100 ms. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Bytes that an action counts besides its content: its request, and the calls of the file systems. */
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
  /** Bytes that it counts besides its content. Default 32 KiB. */
  readonly overheadBytes?: number | undefined;
}

/** An action, or several that are carried out together. */
export class InFlightTask {
  readonly ended: Promise<void>;
  /** Called when another task waits for this one: no action may be added any more. */
  readonly onWanted: (() => void) | undefined;
  readonly paths: string[] = [];
  readonly before = new Set<InFlightTask>();
  countedBytes = 0;
  end!: () => void;

  constructor(onWanted?: () => void) {
    this.onWanted = onWanted;
    this.ended = new Promise((resolve) => (this.end = resolve));
  }
}

export class InFlight {
  /** The latest task of each path. */
  readonly #latest = new Map<string, InFlightTask>();
  readonly #tasks = new Set<InFlightTask>();
  #bytes = 0;
  #wake: (() => void) | undefined;

  /** Whether there is room for another action. */
  get hasRoom(): boolean {
    return this.#bytes < MAX_BYTES;
  }

  /** Resolves when there is room for another action. */
  async room(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Resolves when no action runs. */
  async drained(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(Array.from(this.#tasks, ({ ended }) => ended));
  }

  /** Carries out an action after those that it depends on. `run` must not reject. */
  start(action: InFlightAction, run: () => Promise<void>): void {
    const task = new InFlightTask();
    this.add(task, action);
    void this.run(task, run);
  }

  /** Adds an action to a task that does not run yet. Returns false if it has to wait for an action of the same task. */
  add(task: InFlightTask, { paths, isTree, bytes, overheadBytes = OVERHEAD_BYTES }: InFlightAction): boolean {
    const before = new Set<InFlightTask>();
    for (const path of paths) this.#addPredecessors(path, isTree, before);
    if (before.has(task)) return false;
    for (const other of before) {
      other.onWanted?.();
      task.before.add(other);
    }
    const counted = Math.min(bytes, MAX_COUNTED_BYTES) + overheadBytes;
    task.countedBytes += counted;
    this.#bytes += counted;
    this.#tasks.add(task);
    for (const path of paths) {
      this.#latest.set(path, task);
      task.paths.push(path);
    }
    return true;
  }

  /** Carries out a task after those that it depends on. `run` must not reject. */
  async run(task: InFlightTask, run: () => Promise<void>): Promise<void> {
    if (task.before.size > 0) await Promise.all(Array.from(task.before, ({ ended }) => ended));
    task.before.clear();
    await run();
    this.#bytes -= task.countedBytes;
    this.#tasks.delete(task);
    for (const path of task.paths) if (this.#latest.get(path) === task) this.#latest.delete(path);
    task.end();
    this.#wake?.();
  }

  #addPredecessors(path: string, isTree: boolean, found: Set<InFlightTask>): void {
    this.#addLatest(path, found);
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      this.#addLatest(path.slice(0, end), found);
    if (path !== '') this.#addLatest('', found);
    if (!isTree) return;
    const start = path === '' ? '' : `${path}/`;
    for (const [other, task] of this.#latest) if (other.startsWith(start)) found.add(task);
  }

  #addLatest(path: string, found: Set<InFlightTask>): void {
    const task = this.#latest.get(path);
    if (task) found.add(task);
  }
}
