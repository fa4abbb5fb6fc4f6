/**
 * Remembers which directories are local, for clients with files in many directories. A subdirectory of a local directory
 * needs no check of its own.
 *
 *     a directory -> the latest one? -> checked before? -> parent local, and no symbolic link? -> check now
 */
import { lstatSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { LocalMount } from './local-mount.js';

const MAX_MOUNTS = 64;

export class LocalMountCache {
  readonly #mounts = new Map<string, LocalMount>();
  #latest: { readonly directory: string; readonly mount: LocalMount } | undefined;

  /** Whether a directory is local. Its path is absolute and ends in `/`. May wait for a check. */
  async has(directory: string): Promise<boolean> {
    const nowMs = systemClock();
    if (this.isLatest(directory, nowMs)) return true;
    const mount = this.#localMountOf(directory, nowMs) ?? this.#mountAt(directory);
    this.#latest = { directory, mount };
    return mount.isLocalSoon();
  }

  /** As `has`, but false until a check has ended. */
  isLocal(directory: string, nowMs: number): boolean {
    if (this.isLatest(directory, nowMs)) return true;
    const mount = this.#localMountOf(directory, nowMs) ?? this.#mountAt(directory);
    this.#latest = { directory, mount };
    return mount.isLocal(nowMs);
  }

  /** Whether a directory is the latest one that was asked for, and still known to be local. */
  isLatest(directory: string, nowMs: number): boolean {
    return this.#latest?.directory === directory && this.#latest.mount.isLocal(nowMs);
  }

  /** The directory or its parent, if that is known to be local. */
  #localMountOf(directory: string, nowMs: number): LocalMount | undefined {
    const own = this.#mounts.get(directory);
    if (own?.isLocal(nowMs)) return own;
    const end = directory.lastIndexOf('/', directory.length - 2) + 1;
    const name = directory.slice(end, -1);
    if (name === '' || name === '.' || name === '..') return undefined;
    // The first subdirectory starts a check of the parent, which serves the later ones.
    const parent = this.#mountAt(directory.slice(0, end));
    return parent.isLocal(nowMs) && isDirectory(directory.slice(0, -1)) ? parent : undefined;
  }

  #mountAt(directory: string): LocalMount {
    const known = this.#mounts.get(directory);
    if (known) return known;
    const [oldest] = this.#mounts.keys();
    if (this.#mounts.size >= MAX_MOUNTS && oldest !== undefined) this.#mounts.delete(oldest);
    const mount = new LocalMount(directory);
    this.#mounts.set(directory, mount);
    return mount;
  }
}

/** Whether a path is a directory, and not a symbolic link to one. */
function isDirectory(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
