/** A claim about storages. */
import type { Storage } from '../../storage/storage.js';

/** A claim, and how it is tried on a storage. */
export interface StorageCase<Kind extends Storage> {
  readonly name: string;
  readonly run: (storage: Kind) => Promise<void>;
}
