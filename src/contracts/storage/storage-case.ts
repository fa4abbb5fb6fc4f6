/** Test cases of the storage contract. */
import type { Storage } from '../../storage/storage.js';

/** Claims about storages of a kind, each with the function that tests it. */
export type StorageCases<Kind extends Storage> = Readonly<Record<string, (storage: Kind) => Promise<void>>>;
