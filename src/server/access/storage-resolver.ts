/** Resolves the storage of each identity: its own or the server's, from its root down, within its quota. */
import { TransferError } from '../../errors.js';
import { REMOTE_ROOT } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Identity, Quota } from '../identity.js';
import type { AccessSettings } from './options.js';
import { QuotaAccounts } from '../quota/quota-accounts.js';
import type { QuotaStatusFields } from '../quota/quota-account.js';
import { contextOf, withinQuota } from '../quota/within-quota.js';

/** A storage, and the same storage without the methods that write. */
export interface ResolvedStorage {
  readonly storage: Storage;
  readonly readable: Storage;
  /** What is stored and may be stored in it; undefined without a quota. */
  readonly quotaStatus?: (onProgress: () => void) => Promise<QuotaStatusFields>;
}

export class StorageResolver {
  /** The storage of anonymous clients, which share one quota. */
  readonly anonymous: ResolvedStorage;
  readonly #storage: Storage;
  readonly #settings: AccessSettings;
  readonly #accounts = new QuotaAccounts();

  constructor(storage: Storage, settings: AccessSettings) {
    this.#storage = storage;
    this.#settings = settings;
    this.anonymous = this.#withinQuota(storage, undefined, settings.quota);
  }

  /** Rejects if the identity's root cannot be served. The message hides the root from the client; `cause` has it. */
  async resolve({ name, root, storage = this.#storage, quota }: Identity): Promise<ResolvedStorage> {
    const own = root === undefined ? storage : await this.#below(storage, root);
    return this.#withinQuota(own, name, quota ?? this.#settings.quota);
  }

  #withinQuota(own: Storage, name: string | undefined, quota: Quota | undefined): ResolvedStorage {
    const readable = this.#settings.wrappers.readOnly(own);
    if (!quota) return { storage: own, readable };
    const holder = { accounts: this.#accounts, name, quota };
    const context = contextOf(own, holder);
    return {
      storage: withinQuota(own, holder),
      readable,
      quotaStatus: (onProgress) => {
        const { account, ...rest } = context({ onProgress });
        return account.status(rest);
      },
    };
  }

  async #below(storage: Storage, root: string): Promise<Storage> {
    try {
      const below = this.#settings.wrappers.subStorage(storage, root);
      await below.stat(REMOTE_ROOT);
      return below;
    } catch (thrown) {
      const cause = new Error(`The root '${root}' cannot be served.`, { cause: thrown });
      const { retryable, retryAfterMs } = TransferError.from(thrown);
      const details = { retryable, retryAfterMs, cause };
      throw new TransferError('EIO', 'The root of this login cannot be served.', details);
    }
  }
}
