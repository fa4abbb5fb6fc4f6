/**
 * Which directories are on this machine, for who has files in many of them. One that is in a directory all of which is
 * known to be local needs no asking: a tree is asked about once, and not in each of its folders.
 *
 *     a directory -> the latest one? -> asked about before? -> in one that is local, and no link? -> ask now
 */
import { lstatSync } from 'node:fs';
import { LocalMount } from './local-mount.js';

/** Directories that are remembered. */
const MAX_ROOTS = 64;

export class LocalMountCache {
  readonly #roots = new Map<string, LocalMount>();
  #latest: { readonly directory: string; readonly root: LocalMount } | undefined;

  /** Whether one is known to be local, which may have to be asked first. Its path is absolute and ends in `/`. */
  async has(directory: string): Promise<boolean> {
    const nowMs = performance.now();
    if (this.#latest?.directory === directory && this.#latest.root.isLocal(nowMs)) return true;
    const root = this.#localAbove(directory, nowMs) ?? this.#root(directory);
    this.#latest = { directory, root };
    return root.isLocalSoon();
  }

  /** What is known to be local with the directory in it, or to be the directory itself. */
  #localAbove(directory: string, nowMs: number): LocalMount | undefined {
    const own = this.#roots.get(directory);
    if (own?.isLocal(nowMs)) return own;
    const end = directory.lastIndexOf('/', directory.length - 2) + 1;
    const name = directory.slice(end, -1);
    if (name === '' || name === '.' || name === '..') return undefined;
    // Asked about along with the first directory in it, for those that come after that.
    const parent = this.#root(directory.slice(0, end));
    return parent.isLocal(nowMs) && isDirectory(directory.slice(0, -1)) ? parent : undefined;
  }

  #root(directory: string): LocalMount {
    const known = this.#roots.get(directory);
    if (known) return known;
    const [oldest] = this.#roots.keys();
    if (this.#roots.size >= MAX_ROOTS && oldest !== undefined) this.#roots.delete(oldest);
    const root = new LocalMount(directory);
    this.#roots.set(directory, root);
    return root;
  }
}

/** Whether a path is a directory itself, and no link to one. */
function isDirectory(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
