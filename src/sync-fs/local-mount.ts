/**
 * Whether the files below a root are on this machine, so that a call for one of them comes back soon: the file system of
 * the root is of a kind that is known to be, and so is whatever is mounted below it. Asked now and again, as both may
 * change; the one call that waits for an answer that never comes waits in a thread.
 */
import { readFile, realpath, statfs } from 'node:fs/promises';
import { isLocalMountType, mountedBelow } from './mounts.js';

/** Milliseconds after which it is asked again. */
const ASK_AGAIN_MS = 1_000;

/** Milliseconds for which an answer holds; who comes after that has threads, and asks. */
const VALID_MS = 2_000;

export class LocalMount {
  readonly #path: string;
  #askAgainMs = -Infinity;
  #localUntilMs = -Infinity;
  #asking: Promise<void> | undefined;
  /** What it was the last time, if it was asked. */
  #mayBeLocal = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether all of it is known to be local at this time. */
  isLocal(nowMs: number): boolean {
    if (nowMs >= this.#askAgainMs) void this.ask(nowMs);
    return nowMs < this.#localUntilMs;
  }

  /** Whether it is, as `isLocal` tells it, after waiting for an answer where that may be better than to go without. */
  async isLocalSoon(): Promise<boolean> {
    const nowMs = performance.now();
    if (this.isLocal(nowMs)) return true;
    // Where it was not local the last time, nobody is to wait for being told that once more.
    if (!this.#asking || !this.#mayBeLocal) return false;
    await this.#asking;
    return this.isLocal(performance.now());
  }

  /** Asks now. Resolves when there is an answer. */
  ask(nowMs: number): Promise<void> {
    this.#askAgainMs = Infinity;
    return (this.#asking = this.#ask(nowMs));
  }

  async #ask(nowMs: number): Promise<void> {
    // What cannot be told is a root that is not there yet, or a system that does not tell.
    const local = await isLocal(this.#path).catch(() => false);
    this.#localUntilMs = local ? nowMs + VALID_MS : -Infinity;
    this.#mayBeLocal = local;
    this.#askAgainMs = nowMs + ASK_AGAIN_MS;
    this.#asking = undefined;
  }
}

async function isLocal(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const mounts = await readMounts();
  const place = await realpath(root);
  const { type } = await statfs(place);
  return isLocalMountType(type) && mountedBelow(place, mounts).every(isLocalMountType);
}

let reading: Promise<string> | undefined;

/** What is mounted, read once for all who ask meanwhile. */
function readMounts(): Promise<string> {
  return (reading ??= readFile('/proc/self/mountinfo', 'utf8').finally(() => (reading = undefined)));
}
