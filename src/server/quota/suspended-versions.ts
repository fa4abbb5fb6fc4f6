/**
 * The suspended versions of one identity. They take disk space that no listing shows, so each counts as a whole new
 * file until it is resumed, or discarded to make room.
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Clock } from '../../clock.js';
import type { QuotaLedger } from './quota-ledger.js';
import { noUsage, plus, type Usage } from './usage.js';

/** Of one identity; further versions are discarded instead of suspended. */
const MAX_SUSPENDED = 1_000;

/** A version whose storage cannot tell whether it still exists counts for 24 h: the default expiry of a directory. */
const EXPIRY_MS = 24 * 60 * 60 * 1_000;

interface SuspendedVersion {
  readonly path: RemotePath;
  /**
   * Its path after renames of its directories. A storage may have moved its bytes along: then it is not found at `path`.
   * May be too long for a path of a request.
   */
  readonly movedTo: string;
  readonly uploadId: string;
  /** The usage that is reserved for it. */
  readonly usage: Usage;
  readonly since: number;
}

export class SuspendedVersions {
  readonly #ledger: QuotaLedger;
  readonly #now: Clock;
  readonly #kept = new Map<string, SuspendedVersion>();

  constructor(ledger: QuotaLedger, now: Clock) {
    this.#ledger = ledger;
    this.#now = now;
  }

  get isFull(): boolean {
    return this.#kept.size >= MAX_SUSPENDED;
  }

  /** The usage that is reserved for all of them. */
  get usage(): Usage {
    return [...this.#kept.values()].reduce((sum, { usage }) => plus(sum, usage), noUsage);
  }

  /** Adds a version, which renames of its directories may have moved. Its usage is reserved already. */
  keep(version: Omit<SuspendedVersion, 'since'>): void {
    const earlier = this.#kept.get(keyOf(version));
    if (earlier) this.#ledger.release(earlier.usage);
    this.#kept.delete(keyOf(version));
    this.#add({ ...version, since: this.#now() });
  }

  /** Removes a version; the caller owns its reserved usage from now on. */
  take(path: RemotePath, uploadId: string): SuspendedVersion | undefined {
    const key = keyOf({ path, movedTo: path, uploadId });
    const version = this.#kept.get(key);
    this.#kept.delete(key);
    return version;
  }

  /** Returns a version that was taken and is still suspended. */
  putBack(version: SuspendedVersion): void {
    if (this.#kept.has(keyOf(version))) this.#ledger.release(version.usage);
    else this.#add(version);
  }

  /** Removes a version that no longer exists, and releases its usage. */
  drop(path: RemotePath, uploadId: string): void {
    const version = this.take(path, uploadId);
    if (version) this.#ledger.release(version.usage);
  }

  /** A directory was renamed: a version in it keeps its room, also if another one with its id and path is started. */
  directoryRenamed(from: RemotePath, to: RemotePath): void {
    for (const version of [...this.#kept.values()]) {
      const movedTo = afterRename(version.movedTo, from, to);
      if (movedTo === version.movedTo) continue;
      this.#kept.delete(keyOf(version));
      this.#add({ ...version, movedTo });
    }
  }

  /** A directory was removed: bytes that a storage has moved into it are gone. If it has not, they are found at `path`. */
  directoryRemoved(directory: RemotePath): void {
    for (const version of [...this.#kept.values()]) {
      const { path, movedTo } = version;
      if (path === movedTo || !movedTo.startsWith(`${directory}/`)) continue;
      this.#kept.delete(keyOf(version));
      this.putBack({ ...version, movedTo: path });
    }
  }

  /** Discards versions, oldest first, until `isEnough`. Never discards the `spared` newest ones. */
  async discardOldest(storage: Storage, isEnough: () => boolean, spared = 0): Promise<void> {
    const oldest = [...this.#kept.values()].slice(0, this.#kept.size - spared);
    for (const version of oldest) {
      if (isEnough()) return;
      if (!this.#kept.delete(keyOf(version))) continue;
      if (await this.#discard(storage, version)) this.#ledger.release(version.usage);
      else this.putBack(version);
    }
  }

  /** Whether the version is gone. */
  async #discard(storage: Storage, version: SuspendedVersion): Promise<boolean> {
    const { path, movedTo, uploadId, since } = version;
    const isExpired = this.#now() - since > EXPIRY_MS;
    // What is found at its path could be another version.
    if (path !== movedTo && this.#kept.has(keyOf({ path, movedTo: path, uploadId }))) return isExpired;
    try {
      const found = await storage.resume?.(path, { overwrite: true, uploadId });
      if (found?.kind !== 'pending') return path === movedTo || isExpired;
      await found.pending.discard();
      return true;
    } catch (thrown) {
      return TransferError.from(thrown).code === 'EISDIR' || isExpired;
    }
  }

  #add(version: SuspendedVersion): void {
    this.#kept.set(keyOf(version), version);
  }
}

/** A path after the rename of a directory that it may be in. */
export function afterRename(path: string, from: RemotePath, to: RemotePath): string {
  return path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path;
}

function keyOf({ path, movedTo, uploadId }: Pick<SuspendedVersion, 'path' | 'movedTo' | 'uploadId'>): string {
  return `${uploadId} ${path}\n${movedTo}`;
}
