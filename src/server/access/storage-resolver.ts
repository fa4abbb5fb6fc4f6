/** What each identity sees: a storage of its own, or its root in the server's, within its quota. */
import { TransferError } from '../../errors.js';
import { REMOTE_ROOT } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Identity, Quota } from '../identity.js';
import type { AccessSettings } from './options.js';
import { QuotaAccounts } from '../quota/quota-accounts.js';
import { withinQuota } from '../quota/within-quota.js';
import type { StorageWrappers } from './storage-wrappers.js';

/** A storage, whole, and without the methods that write. */
export interface ResolvedStorage {
  readonly storage: Storage;
  readonly readable: Storage;
}

export class StorageResolver {
  /** What those see of whom nothing is known: together they have the quota that one identity has. */
  readonly anonymous: ResolvedStorage;
  readonly #storage: Storage;
  readonly #wrappers: StorageWrappers;
  readonly #quota: Quota | undefined;
  readonly #accounts = new QuotaAccounts();

  constructor(storage: Storage, { wrappers, quota }: AccessSettings) {
    this.#storage = storage;
    this.#wrappers = wrappers;
    this.#quota = quota;
    this.anonymous = this.#view(storage, undefined, quota);
  }

  /** What an identity sees. Rejects where its root cannot be served, with an error that does not say where that is. */
  async resolve({ name, root, storage, quota }: Identity): Promise<ResolvedStorage> {
    const whole = storage ?? this.#storage;
    const view = root === undefined ? whole : await this.#below(whole, root);
    return this.#view(view, name, quota ?? this.#quota);
  }

  #view(whole: Storage, name: string | undefined, quota: Quota | undefined): ResolvedStorage {
    const storage = quota ? withinQuota(whole, { accounts: this.#accounts, name, quota }) : whole;
    return { storage, readable: this.#wrappers.readOnly(whole) };
  }

  async #below(storage: Storage, root: string): Promise<Storage> {
    try {
      const below = this.#wrappers.subStorage(storage, root);
      await below.stat(REMOTE_ROOT);
      return below;
    } catch (thrown) {
      // Where it is, is for the program's eyes only.
      const cause = new Error(`The root '${root}' cannot be served.`, { cause: thrown });
      throw new TransferError(TransferError.from(thrown).code, 'The root of this login cannot be served.', {
        cause,
      });
    }
  }
}
