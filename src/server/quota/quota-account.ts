/**
 * The quota account of one identity, shared by all its connections. One recursive listing counts the stored usage when
 * it is first needed; each change updates it. Other programs may change the storage too, so the account counts again
 * before it rejects a change, at most once in 30 s.
 *
 *     reserve: fits? -> count again if the count is old -> discard suspended versions -> EDQUOT
 */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { foldPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StorageProgressOptions } from '../../storage/storage.js';
import type { Clock } from '../../clock.js';
import type { Quota } from '../identity.js';
import { atIntervals } from './at-intervals.js';
import { PathLock } from './path-lock.js';
import { QuotaLedger } from './quota-ledger.js';
import { SuspendedVersions } from './suspended-versions.js';
import { usageBelow, type Usage } from './usage.js';

/** How long a count is recent enough to reject a change. */
const COUNT_VALID_MS = 30_000;

/** A storage, the quota that bounds it, and the account that counts for it, as one request uses them. */
export interface QuotaContext {
  /** The storage of the identity, from its root down. */
  readonly storage: Storage;
  readonly quota: Quota;
  readonly account: QuotaAccount;
  /** Tells the request about progress of work for which it waits. */
  readonly onProgress: () => void;
  /** Tells the request about progress of its own work, and the requests that wait for that. */
  readonly reportProgress: () => void;
}

/** Is told of changes to the directories of an account. */
export interface DirectoryListener {
  directoryRenamed(from: RemotePath, to: RemotePath): void;
  directoryRemoved(directory: RemotePath): void;
}

/** The fields of the result of the operation `quota`. What the server does not count or limit is absent. */
export type QuotaStatusFields = Pick<
  FrameOf<'result'>,
  'usedBytes' | 'usedFiles' | 'quotaBytes' | 'quotaFiles' | 'quotaFileBytes'
>;

/** Returns the context of a call with these options. */
export type ContextOf = (options: StorageProgressOptions) => QuotaContext;

export class QuotaAccount {
  readonly lock: PathLock;
  readonly ledger = new QuotaLedger();
  readonly suspended: SuspendedVersions;
  /** Of the versions that are being written. */
  readonly reservations = new Set<DirectoryListener>();
  readonly #now: Clock;
  readonly #replaced = new Set<string>();
  #countedAt = -Infinity;
  #counting: Promise<void> | undefined;
  /** The `onProgress` of each request that waits for the count. */
  readonly #onCounted = new Set<() => void>();
  #users = 0;

  constructor(now: Clock) {
    this.#now = now;
    this.lock = new PathLock(now);
    this.suspended = new SuspendedVersions(this.ledger, now);
  }

  /** Whether no request uses the account: then it can be dropped, and counted once more later. */
  get isIdle(): boolean {
    return this.#users === 0 && this.lock.isEmpty && !this.ledger.hasReservations;
  }

  /** Keeps the account until `leave`. */
  enter(): void {
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
  }

  /**
   * Lets one new version of a file count the file that it replaces as freed. False while another version does: two
   * versions must not count the same file.
   */
  claimReplaced(path: RemotePath): boolean {
    const key = foldPath(path);
    if (this.#replaced.has(key)) return false;
    this.#replaced.add(key);
    return true;
  }

  unclaimReplaced(path: RemotePath): void {
    this.#replaced.delete(foldPath(path));
  }

  /** A directory was renamed: versions in it, suspended or being written, keep their room. */
  directoryRenamed(from: RemotePath, to: RemotePath): void {
    this.suspended.directoryRenamed(from, to);
    for (const reservation of this.reservations) reservation.directoryRenamed(from, to);
  }

  /** A directory was removed, with what a storage had moved into it. */
  directoryRemoved(directory: RemotePath): void {
    this.suspended.directoryRemoved(directory);
    for (const reservation of this.reservations) reservation.directoryRemoved(directory);
  }

  /** Marks the count as wrong: the account counts again before it rejects a change. */
  invalidate(): void {
    this.#countedAt = -Infinity;
  }

  /** What is stored, and what the quota allows. Counts what is stored if that is not known. */
  async status({ quota, ...context }: Omit<QuotaContext, 'account'>): Promise<QuotaStatusFields> {
    const { bytes: quotaBytes, files: quotaFiles, fileBytes: quotaFileBytes } = quota;
    const limits = { quotaBytes, quotaFiles, quotaFileBytes };
    if (!countsUsage(quota)) return limits;
    // A count that is only old is not repeated: each question could cause a listing of everything.
    if (!this.ledger.stored || this.#countedAt === -Infinity) await this.#count({ quota, ...context });
    const { bytes: usedBytes, files: usedFiles } = this.ledger.used;
    return { usedBytes, usedFiles, ...limits };
  }

  /** Reserves usage. EDQUOT. Must not be called under the lock, which counting takes. */
  async reserve(more: Usage, context: Omit<QuotaContext, 'account'>): Promise<void> {
    const { storage, quota } = context;
    if (countsUsage(quota) && !this.ledger.stored) await this.#count(context);
    if (this.tryReserve(more, quota)) return;
    if (this.#now() - this.#countedAt >= COUNT_VALID_MS) {
      await this.#count(context);
      if (this.tryReserve(more, quota)) return;
    }
    // Discards nothing if that would not make enough room.
    if (this.ledger.fits(more, quota, this.suspended.usage)) {
      await this.suspended.discardOldest(storage, () => this.ledger.fits(more, quota));
    }
    if (!this.tryReserve(more, quota)) throw new TransferError('EDQUOT');
  }

  /** Reserves usage if it fits in the quota as counted now. */
  tryReserve(more: Usage, quota: Quota): boolean {
    const fits = this.ledger.fits(more, quota);
    if (fits) this.ledger.reserve(more);
    return fits;
  }

  /** Requests that wait for a count share one, and its progress. */
  async #count({ storage, onProgress }: Omit<QuotaContext, 'account'>): Promise<void> {
    this.#onCounted.add(onProgress);
    const tellAll = (): void => {
      for (const listener of this.#onCounted) listener();
    };
    const tellAtIntervals = atIntervals(tellAll, this.#now);
    const reportProgress = (): void => {
      tellAtIntervals();
      this.lock.reportProgress();
    };
    this.#counting ??= this.lock
      .exclusive(async () => {
        this.ledger.stored = await usageBelow(storage, REMOTE_ROOT, reportProgress);
        this.#countedAt = this.#now();
      }, tellAll)
      .finally(() => {
        this.#counting = undefined;
        this.#onCounted.clear();
      });
    return this.#counting;
  }
}

/** Whether a quota limits what is stored in all. */
function countsUsage({ bytes, files }: Quota): boolean {
  return bytes !== undefined || files !== undefined;
}
