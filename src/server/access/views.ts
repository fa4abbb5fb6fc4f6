/** What each identity sees: a storage of its own, or its root in the server's, within its quota. */
import type { Storage } from '../../storage/storage.js';
import type { Identity } from './identity.js';
import type { AccessSettings } from './options.js';

export class Views {
  /** What those see of whom nothing is known. */
  readonly anonymous: Storage;

  constructor(storage: Storage, _settings: AccessSettings) {
    this.anonymous = storage;
  }

  /** The storage of an identity. Rejects where its root cannot be served. */
  storageOf(identity: Identity): Promise<Storage> {
    return Promise.resolve(identity.storage ?? this.anonymous);
  }
}
