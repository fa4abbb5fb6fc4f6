/** The entries that a watch is about: those in a directory, or everything below it. */
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';

export class WatchScope {
  readonly top: RemotePath;
  readonly recursive: boolean;
  readonly #prefix: string;

  constructor(top: RemotePath, recursive: boolean) {
    this.top = top;
    this.recursive = recursive;
    this.#prefix = top === REMOTE_ROOT ? '' : `${top}/`;
  }

  equals({ top, recursive }: WatchScope): boolean {
    return this.top === top && this.recursive === recursive;
  }

  /** Whether a path is one of them. The watched directory itself is not. */
  has(path: RemotePath): boolean {
    if (path.length <= this.#prefix.length || !path.startsWith(this.#prefix)) return false;
    return this.recursive || !path.includes('/', this.#prefix.length);
  }

  /** Whether the watched directory is at a path, or below it. */
  isAtOrBelow(path: RemotePath): boolean {
    return this.top === path || (this.top !== REMOTE_ROOT && this.top.startsWith(`${path}/`));
  }
}
