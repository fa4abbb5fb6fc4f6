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

  /** Adds a version. Its usage is reserved already. */
  keep(path: RemotePath, uploadId: string, usage: Usage): void {
    this.drop(path, uploadId);
    this.#kept.set(keyOf(path, uploadId), { path, uploadId, usage, since: this.#now() });
  }

  /** Removes a version; the caller owns its reserved usage from now on. */
  take(path: RemotePath, uploadId: string): SuspendedVersion | undefined {
    const version = this.#kept.get(keyOf(path, uploadId));
    this.#kept.delete(keyOf(path, uploadId));
    return version;
  }

  /** Returns a version that was taken and is still suspended. */
  putBack(version: SuspendedVersion): void {
    const key = keyOf(version.path, version.uploadId);
    if (this.#kept.has(key)) this.#ledger.release(version.usage);
    else this.#kept.set(key, version);
  }

  /** Removes a version that no longer exists, and releases its usage. */
  drop(path: RemotePath, uploadId: string): void {
    const version = this.take(path, uploadId);
    if (version) this.#ledger.release(version.usage);
  }

  /** Discards versions, oldest first, until `isEnough`. Never discards the `spared` newest ones. */
  async discardOldest(storage: Storage, isEnough: () => boolean, spared = 0): Promise<void> {
    const oldest = [...this.#kept.values()].slice(0, this.#kept.size - spared);
    for (const { path, uploadId } of oldest) {
      if (isEnough()) return;
      const version = this.take(path, uploadId);
      if (!version) continue;
      if (await this.#discard(storage, version)) this.#ledger.release(version.usage);
      else this.putBack(version);
    }
  }

  /** Whether the version is gone. */
  async #discard(storage: Storage, { path, uploadId, since }: SuspendedVersion): Promise<boolean> {
    try {
      const found = await storage.resume?.(path, { overwrite: true, uploadId });
      if (found?.kind === 'pending') await found.pending.discard();
      return true;
    } catch (thrown) {
      // It still counts: otherwise a client could rename the directory to free its quota.
      return TransferError.from(thrown).code === 'EISDIR' || this.#now() - since > EXPIRY_MS;
    }
  }
}

function keyOf(path: RemotePath, uploadId: string): string {
  return `${uploadId} ${path}`;
}
