/** Changes of the tree within a quota: directories count as files do, and what goes is given back. */
import { TransferError } from '../../errors.js';
import { foldPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage, StorageMkdirOptions, StorageRemoveOptions } from '../../storage/storage.js';
import { missingDirectories } from './missing-directories.js';
import type { QuotaAccount, QuotaContext } from './quota-account.js';
import { minus, nothing, type Usage } from './quota-ledger.js';
import { replacedAt, usageAt } from './usage.js';

type PathResolver = Pick<Storage, 'mkdir' | 'remove' | 'rename' | 'utimes'>;

/** The methods of a storage that change its tree, counted; just those that it has. */
export function quotaTree(terms: QuotaContext, account: () => QuotaAccount): PathResolver {
  const { storage } = terms;
  const mkdir = storage.mkdir?.bind(storage);
  const remove = storage.remove?.bind(storage);
  const rename = storage.rename?.bind(storage);
  const utimes = storage.utimes?.bind(storage);
  const methods: PathResolver = utimes ? { utimes } : {};
  if (mkdir) {
    methods.mkdir = (path, options) =>
      new CountedTree(terms, account()).make(path, options, () => mkdir(path, options));
  }
  if (remove) {
    methods.remove = (path, options) =>
      new CountedTree(terms, account()).remove(path, options, () => remove(path, options));
  }
  if (rename) {
    methods.rename = (from, to, options) =>
      new CountedTree(terms, account()).rename(from, to, () => rename(from, to, options));
  }
  return methods;
}

class CountedTree {
  readonly #terms: QuotaContext;
  readonly #account: QuotaAccount;

  constructor(terms: QuotaContext, account: QuotaAccount) {
    this.#terms = terms;
    this.#account = account;
  }

  async make(path: RemotePath, { recursive }: StorageMkdirOptions, work: () => Promise<void>): Promise<void> {
    const account = this.#account;
    account.enter();
    let room = nothing;
    try {
      const expected = recursive ? await this.#missing(path) : { bytes: 0, files: 1 };
      await account.take(expected, this.#terms);
      room = expected;
      await account.lock.exclusive(() => this.#made(path, room, work));
    } finally {
      account.ledger.release(room);
      account.leave();
    }
  }

  remove(path: RemotePath, { recursive }: StorageRemoveOptions, work: () => Promise<void>): Promise<void> {
    const { lock } = this.#account;
    if (recursive) return lock.exclusive(() => this.#removed(path, recursive, work));
    return lock.shared([path], () => this.#removed(path, recursive, work));
  }

  rename(from: RemotePath, to: RemotePath, work: () => Promise<void>): Promise<void> {
    const { lock, ledger } = this.#account;
    return lock.exclusive(async () => {
      const isSame = foldPath(from) === foldPath(to);
      const replaced = isSame || !ledger.stored ? nothing : await replacedAt(this.#terms.storage, to);
      await work();
      ledger.changed(minus(nothing, replaced));
    });
  }

  async #made(path: RemotePath, room: Usage, work: () => Promise<void>): Promise<void> {
    const { ledger } = this.#account;
    const missing = await this.#missing(path);
    // Directories that were there when it was asked may be gone.
    if (!ledger.fits(minus(missing, room), this.#terms.quota)) throw new TransferError('EDQUOT');
    try {
      await work();
    } finally {
      // Also where it has failed half-way.
      ledger.changed(minus(missing, await this.#missing(path)));
    }
  }

  /** What would be made, with the directories above it. */
  async #missing(path: RemotePath): Promise<Usage> {
    return { bytes: 0, files: (await missingDirectories(this.#terms.storage, path)).length };
  }

  async #removed(path: RemotePath, recursive: boolean, work: () => Promise<void>): Promise<void> {
    const { ledger } = this.#account;
    const { storage } = this.#terms;
    // Nobody may remove the root, and nobody needs to be told what it holds.
    const isCounted = ledger.stored && path !== REMOTE_ROOT;
    const gone = isCounted ? await usageAt(storage, path, recursive) : nothing;
    try {
      await work();
      ledger.changed(minus(nothing, gone));
    } catch (error) {
      // A part of it may be gone.
      if (recursive) this.#account.invalidate();
      throw error;
    }
  }
}
