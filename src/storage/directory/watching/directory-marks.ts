/** The directories that the system has told to have changed, with the names in them. */
import type { MarkedNames } from './tree-scan.js';
import type { WatchedDirectory } from './watched-node.js';

/** Names of a directory that are looked at one by one; with more, the directory is read. */
const MAX_NAMES = 128;

export class DirectoryMarks {
  #names = new Map<WatchedDirectory, Set<string> | undefined>();

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** Marks a name in a directory; without a name, all of them. */
  add(node: WatchedDirectory, name?: string): void {
    const names = this.#names.get(node);
    if (name === undefined) this.#names.set(node, undefined);
    else if (!this.#names.has(node)) this.#names.set(node, new Set([name]));
    else if (names && names.add(name).size > MAX_NAMES) this.#names.set(node, undefined);
  }

  /** Adds marks that were taken. */
  put(node: WatchedDirectory, names: MarkedNames): void {
    if (names) for (const name of names) this.add(node, name);
    else this.add(node);
  }

  /** Removes all marks. */
  take(): Map<WatchedDirectory, MarkedNames> {
    const taken = this.#names;
    this.#names = new Map();
    return taken;
  }
}
