/** How storages are made of others: concrete parts, so the options choose them. */
import type { Storage } from '../../storage/storage.js';

export interface StorageWrappers {
  /** Without the methods that write. */
  readOnly(storage: Storage): Storage;
  /** A directory of it. */
  subStorage(storage: Storage, directory: string): Storage;
}
