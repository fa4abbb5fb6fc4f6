/**
 * Whether the files below a root are on this machine, so that a call for one of them comes back soon: the file system of
 * the root is of a kind that is known to be, and so is whatever is mounted below it. Asked now and again, as both may
 * change; the one call that waits for an answer that never comes waits in a thread.
 */
import { readFile, realpath, statfs } from 'node:fs/promises';
import { isLocalType, mountedBelow } from './mounts.js';

/** Milliseconds after which it is asked again. */
const ASK_AGAIN_MS = 1_000;

/** Milliseconds for which an answer holds; who comes after that has threads, and asks. */
const VALID_MS = 2_000;

export class LocalRoot {
  readonly #path: string;
  #askAgainMs = -Infinity;
  #localUntilMs = -Infinity;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether all of it is known to be local at this time. */
  isLocal(nowMs: number): boolean {
    if (nowMs >= this.#askAgainMs) void this.ask(nowMs);
    return nowMs < this.#localUntilMs;
  }

  /** Asks now. Resolves when there is an answer. */
  async ask(nowMs: number): Promise<void> {
    this.#askAgainMs = Infinity;
    try {
      this.#localUntilMs = (await isLocal(this.#path)) ? nowMs + VALID_MS : -Infinity;
    } catch {
      // A root that is not there yet, or a system that does not tell.
      this.#localUntilMs = -Infinity;
    }
    this.#askAgainMs = nowMs + ASK_AGAIN_MS;
  }
}

async function isLocal(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const place = await realpath(root);
  const { type } = await statfs(place);
  return isLocalType(type) && mountedBelow(place, mounts).every(isLocalType);
}
