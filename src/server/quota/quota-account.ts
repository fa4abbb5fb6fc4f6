/**
 * The account of one identity: what it stores, by all its connections together. It is counted by one listing when it is
 * first asked, and kept by changes from then on; others may change what is there, too, so before anybody is refused it
 * is counted again, at most now and then.
 *
 *     take: fits? -> count anew, if that was not done for a while -> throw away what was suspended -> EDQUOT
 */
import { TransferError } from '../../errors.js';
import { foldPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Clock } from '../../clock.js';
import type { Quota } from '../identity.js';
import { PathLock } from './path-lock.js';
import { countsUsage, nothing, QuotaLedger, type Usage } from './quota-ledger.js';
import { SuspendedVersions } from './suspended-versions.js';
import { usageBelow } from './usage.js';

/** How long a count is believed by whoever would be refused for it. */
const BELIEVED_MS = 30_000;

/** What is bounded, and how. */
export interface QuotaContext {
  /** What the identity sees, from its root on. */
  readonly storage: Storage;
  readonly quota: Quota;
}

export class QuotaAccount {
  readonly lock = new PathLock();
  readonly ledger = new QuotaLedger();
  readonly suspended: SuspendedVersions;
  readonly #now: Clock;
  readonly #replaced = new Set<string>();
  #countedAt = -Infinity;
  #counting: Promise<void> | undefined;
  #rooms = 0;

  constructor(now: Clock) {
    this.#now = now;
    this.suspended = new SuspendedVersions(this.ledger, now);
  }

  /** Whether nobody works with it: then it can be forgotten, and counted once more. */
  get isIdle(): boolean {
    return this.#rooms === 0 && this.lock.isEmpty && !this.ledger.isReserving;
  }

  /** Somebody begins to work with it. */
  enter(): void {
    this.#rooms += 1;
  }

  /** Somebody is done. */
  leave(): void {
    this.#rooms -= 1;
  }

  /**
   * Lets a new version of a file count what it replaces as given back already; one at a time, or many together could
   * take much more than there is.
   */
  mayReplace(path: RemotePath): boolean {
    const key = foldPath(path);
    if (this.#replaced.has(key)) return false;
    this.#replaced.add(key);
    return true;
  }

  /** A new version that was let to is over. */
  replaces(path: RemotePath): void {
    this.#replaced.delete(foldPath(path));
  }

  /** What has been counted cannot be right any more: count before anybody is refused for it. */
  invalidate(): void {
    this.#countedAt = -Infinity;
  }

  /** Reserves so much more. EDQUOT if it may not be. Not for callers who are in the gate. */
  async take(more: Usage, terms: QuotaContext): Promise<void> {
    if (countsUsage(terms.quota) && !this.ledger.stored) await this.#count(terms.storage);
    if (this.reserved(more, terms.quota)) return;
    if (this.#now() - this.#countedAt >= BELIEVED_MS) {
      await this.#count(terms.storage);
      if (this.reserved(more, terms.quota)) return;
    }
    const { suspended, ledger } = this;
    const isEnough = (less = nothing): boolean => ledger.fits(more, terms.quota, less);
    // Nothing is thrown away for somebody for whom it would not be enough.
    if (isEnough(suspended.amount)) await suspended.makeRoom(terms.storage, isEnough);
    if (!this.reserved(more, terms.quota)) throw new TransferError('EDQUOT');
  }

  /** Something was suspended: it stays, but others that were may have to go for it. */
  async trim({ storage, quota }: QuotaContext): Promise<void> {
    await this.suspended.makeRoom(storage, () => !this.ledger.exceeds(quota), 1);
  }

  /** Reserves so much more at once. False if it may not be. */
  reserved(more: Usage, quota: Quota): boolean {
    const fits = this.ledger.fits(more, quota);
    if (fits) this.ledger.reserve(more);
    return fits;
  }

  /** One count at a time is enough for all who want one. */
  #count(storage: Storage): Promise<void> {
    this.#counting ??= this.lock
      .exclusive(async () => {
        this.ledger.measured(await usageBelow(storage, REMOTE_ROOT));
        this.#countedAt = this.#now();
      })
      .finally(() => (this.#counting = undefined));
    return this.#counting;
  }
}
