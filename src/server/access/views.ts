/** What each identity sees: a storage of its own, or its root in the server's, within its quota. */
import type { Storage } from '../../storage/storage.js';
import type { Identity } from './identity.js';
import type { AccessSettings } from './options.js';
import type { StorageWrappers } from './storage-wrappers.js';

/** A storage, whole, and without the methods that write. */
export interface View {
  readonly storage: Storage;
  readonly readable: Storage;
}

export class Views {
  /** What those see of whom nothing is known. */
  readonly anonymous: View;
  readonly #wrappers: StorageWrappers;

  constructor(storage: Storage, { wrappers }: AccessSettings) {
    this.#wrappers = wrappers;
    this.anonymous = this.#view(storage);
  }

  /** What an identity sees. Rejects where its root cannot be served. */
  viewOf({ storage }: Identity): Promise<View> {
    return Promise.resolve(storage ? this.#view(storage) : this.anonymous);
  }

  #view(storage: Storage): View {
    return { storage, readable: this.#wrappers.readOnly(storage) };
  }
}
