/**
 * The directory that synchronous sequences opened last: nearly all small files of a batch are in the directory of the file
 * before. It is closed at the end of the tick, as the path may lead elsewhere then.
 */
import { setImmediate } from '../../../clock.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { HandleDirectory } from './handle-directory.js';

export class LatestDirectory {
  #path: RemotePath | undefined;
  #directory: HandleDirectory | undefined;
  #isCloseScheduled = false;

  /** A directory below the root, open until the next call or the end of the tick; undefined if it cannot be opened. */
  open(root: HandleDirectory, path: RemotePath): HandleDirectory | undefined {
    if (this.#directory && this.#path === path) return this.#directory;
    this.close();
    const opened = openBelow(root, path);
    this.#path = path;
    this.#directory = opened;
    if (opened) this.#scheduleClose();
    return opened;
  }

  close(): void {
    const directory = this.#directory;
    this.#directory = undefined;
    directory?.closeSync();
  }

  #scheduleClose(): void {
    if (this.#isCloseScheduled) return;
    this.#isCloseScheduled = true;
    setImmediate(() => {
      this.#isCloseScheduled = false;
      this.close();
    });
  }
}

function openBelow(root: HandleDirectory, path: RemotePath): HandleDirectory | undefined {
  let current = root;
  for (const name of path.split('/')) {
    const parent = current;
    try {
      current = parent.enterSync(name);
    } catch {
      return undefined;
    } finally {
      if (parent !== root) parent.closeSync();
    }
  }
  return current;
}
