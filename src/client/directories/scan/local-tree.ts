/**
 * The tree below a local directory.
 *
 *     directoryNames -> lstat, synchronously where that is quick -> stat of links to follow
 */
import { lstatSync, type Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { nextTurn, systemClock } from '../../../clock.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { LocalMount } from '../../../sync-fs/local-mount.js';
import { SyncCallGate } from '../../../sync-fs/sync-call-gate.js';
import { toLocalError } from '../../local/local-error.js';
import { pathBelow } from '../names/local-name.js';
import { directoryNames } from './directory-names.js';
import { inOrder } from './in-order.js';
import { isReadable, localChecksum } from './local-checksum.js';
import { mayBeUnreadable, scannedStats } from './scanned-stats.js';
import type { ListRequest, ScannedEntry, Tree } from './tree.js';

/** Calls of `lstat` in threads at the same time: enough for a network file system. */
const MAX_CALLS = 16;

/** The type of FAT on Linux, and the step of its times. */
const FAT_TYPE = 0x4d44;
const FAT_STEP_MS = 2_000;

const isWindows = process.platform === 'win32';

export class LocalTree implements Tree {
  mtimeStepMs = 1;
  readonly foldsNames = isWindows || process.platform === 'darwin';
  readonly hasModes = !isWindows;
  readonly canTouchRoot = true;
  readonly #root: string;
  readonly #followsLinks: boolean;
  readonly #gate: SyncCallGate;

  /** @param root - an absolute path */
  constructor(root: string, { followsLinks }: { followsLinks: boolean }) {
    this.#root = root;
    this.#followsLinks = followsLinks;
    // A link may lead to any file system.
    this.#gate = new SyncCallGate(followsLinks ? { isLocal: () => false } : new LocalMount(root));
  }

  async stat(path: string): Promise<ScannedEntry | undefined> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const at = pathBelow(this.#root, path);
    try {
      if (path !== '') return scannedStats(name, await fs.lstat(at));
      if (await isFat(at)) this.mtimeStepMs = FAT_STEP_MS;
      return scannedStats(name, await fs.stat(at), this.#followsLinks);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw toLocalError(this.#shown(path), error);
    }
  }

  async list(path: string, { signal, add }: ListRequest): Promise<number> {
    const at = pathBelow(this.#root, path);
    try {
      let isFirst = true;
      for await (const names of directoryNames(at, (call) => this.#gate.run(call))) {
        // A small directory takes no turn.
        if (!isFirst) await nextTurn();
        isFirst = false;
        for await (const batch of inOrder(names, MAX_CALLS, (name) => this.#entry(path, name)))
          for (const entry of batch) if (entry) add(entry);
        signal.throwIfAborted();
      }
      return 0;
    } catch (error) {
      throw toLocalError(this.#shown(path), error);
    }
  }

  async checksum(path: string, signal: AbortSignal): Promise<string> {
    return this.#checksum(path, Infinity, signal);
  }

  async prefixChecksum(path: string, bytes: number, signal: AbortSignal): Promise<string> {
    return this.#checksum(path, bytes, signal);
  }

  async #checksum(path: string, bytes: number, signal: AbortSignal): Promise<string> {
    try {
      return await localChecksum(pathBelow(this.#root, path), {
        bytes,
        followsLink: this.#followsLinks,
        signal,
      });
    } catch (error) {
      throw toLocalError(this.#shown(path), error);
    }
  }

  /** Undefined for an entry that was removed meanwhile. */
  #entry(directory: string, name: string): ScannedEntry | undefined | Promise<ScannedEntry | undefined> {
    const at = pathBelow(this.#root, directory === '' ? name : `${directory}/${name}`);
    const nowMs = systemClock();
    if (!this.#gate.allows(nowMs)) return this.#slowEntry(name, at);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    this.#gate.record(nowMs);
    if (!stats) return undefined;
    return mayBeUnreadable(stats) ? this.#checkedEntry(name, at, stats) : scannedStats(name, stats);
  }

  async #slowEntry(name: string, at: string | Buffer): Promise<ScannedEntry | undefined> {
    const stats = await unlessMissing(fs.lstat(at));
    if (!stats) return undefined;
    if (!stats.isSymbolicLink() || !this.#followsLinks) return this.#checkedEntry(name, at, stats);
    try {
      return { ...(await this.#checkedEntry(name, at, await fs.stat(at))), isLink: true };
    } catch (error) {
      // A link to nothing, to itself, or into a directory that must not be searched.
      if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return scannedStats(name, stats);
      throw error;
    }
  }

  async #checkedEntry(name: string, at: string | Buffer, stats: Stats): Promise<ScannedEntry> {
    const entry = scannedStats(name, stats, this.#followsLinks);
    if (!mayBeUnreadable(stats)) return entry;
    const isUnreadable = !(await isReadable(at));
    return { ...entry, isUnreadable };
  }

  #shown(path: string): string {
    return pathBelow(this.#root, path).toString();
  }
}

async function isFat(path: string | Buffer): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const found = await fs.statfs(path).catch(() => undefined);
  return found?.type === FAT_TYPE;
}
