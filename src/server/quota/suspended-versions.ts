/**
 * Versions that were suspended: they take room on the disk that no listing shows. Each counts as a whole new file until
 * it is gone on with, or thrown away because its room is needed.
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Clock } from '../../clock.js';
import { nothing, plus, type Usage, type QuotaLedger } from './quota-ledger.js';

/** Of one identity; what is interrupted beyond it is thrown away at once. */
const MAX_SUSPENDED = 1_000;

/** After which one that cannot be looked for is taken for gone: a directory keeps none longer, unless it is told to. */
const EXPIRED_MS = 24 * 60 * 60 * 1_000;

/** What was suspended. */
export interface Suspended {
  readonly path: RemotePath;
  readonly uploadId: string;
  /** What is reserved for it. */
  readonly amount: Usage;
  readonly since: number;
}

export class SuspendedVersions {
  readonly #ledger: QuotaLedger;
  readonly #now: Clock;
  readonly #kept = new Map<string, Suspended>();

  constructor(ledger: QuotaLedger, now: Clock) {
    this.#ledger = ledger;
    this.#now = now;
  }

  /** Whether one more may be kept. */
  get hasPlace(): boolean {
    return this.#kept.size < MAX_SUSPENDED;
  }

  /** What is reserved for all of them. */
  get amount(): Usage {
    return [...this.#kept.values()].reduce((sum, { amount }) => plus(sum, amount), nothing);
  }

  /** Keeps one, for which the amount is reserved already. */
  keep(path: RemotePath, uploadId: string, amount: Usage): void {
    const key = keyOf(path, uploadId);
    this.#release(this.take(path, uploadId));
    this.#kept.set(key, { path, uploadId, amount, since: this.#now() });
  }

  /** Takes one out; what is reserved for it is the taker's from now on. */
  take(path: RemotePath, uploadId: string): Suspended | undefined {
    const kept = this.#kept.get(keyOf(path, uploadId));
    this.#kept.delete(keyOf(path, uploadId));
    return kept;
  }

  /** One that was taken is there still. */
  putBack(kept: Suspended): void {
    const key = keyOf(kept.path, kept.uploadId);
    if (this.#kept.has(key)) this.#release(kept);
    else this.#kept.set(key, kept);
  }

  /** One is not there any more. */
  forget(path: RemotePath, uploadId: string): void {
    this.#release(this.take(path, uploadId));
  }

  /** Throws away one after the other, the oldest first and the last `spared` not, until that is enough. */
  async makeRoom(storage: Storage, isEnough: () => boolean, spared = 0): Promise<void> {
    const oldest = [...this.#kept.values()].slice(0, this.#kept.size - spared);
    for (const { path, uploadId } of oldest) {
      if (isEnough()) return;
      const kept = this.take(path, uploadId);
      if (!kept) continue;
      if (await this.#isGone(storage, kept)) this.#release(kept);
      else this.putBack(kept);
    }
  }

  async #isGone(storage: Storage, { path, uploadId, since }: Suspended): Promise<boolean> {
    try {
      const found = await storage.resume?.(path, { overwrite: true, uploadId });
      if (found?.kind === 'pending') await found.pending.discard();
      return true;
    } catch (thrown) {
      // Where it cannot be thrown away it goes on counting: else its directory would only have to be renamed.
      return TransferError.from(thrown).code === 'EISDIR' || this.#now() - since > EXPIRED_MS;
    }
  }

  #release(kept: Suspended | undefined): void {
    if (kept) this.#ledger.release(kept.amount);
  }
}

function keyOf(path: RemotePath, uploadId: string): string {
  return `${uploadId} ${path}`;
}
