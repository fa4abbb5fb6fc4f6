/**
 * A storage within a quota. It counts what is written by the account of an identity, and has just the methods that the
 * other one has, but for `writeFile`: `write` refuses a file that is announced too large before a byte of it is sent.
 *
 *     write, append, resume -> QuotaRoom -> PendingFile.write: grow -> commit: settle | suspend | discard: close
 *     copy          -> QuotaRoom -> settle
 *     mkdir, remove, rename -> QuotaAccount
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, Storage, ResumeResult } from '../../storage/storage.js';
import type { Quota } from '../identity.js';
import type { QuotaAccount, QuotaContext } from './quota-account.js';
import type { QuotaAccounts } from './quota-accounts.js';
import { quotaPending } from './quota-pending.js';
import { QuotaReservation } from './quota-reservation.js';
import { quotaTree } from './quota-tree.js';
import { replacedAt } from './usage.js';

/** Whose account bounds a storage, and how. */
export interface QuotaHolder {
  readonly accounts: QuotaAccounts;
  /** The name of the identity; undefined where there are none. */
  readonly name: string | undefined;
  readonly quota: Quota;
}

/** A storage that stores no more than a quota allows: EDQUOT, and EFBIG for one file. Closing it closes the other. */
export function withinQuota(storage: Storage, { accounts, name, quota }: QuotaHolder): Storage {
  const terms: QuotaContext = { storage, quota };
  const account = (): QuotaAccount => accounts.of(name);
  const close = storage.close?.bind(storage);
  const readFile = storage.readFile?.bind(storage);
  return {
    stat: (path) => storage.stat(path),
    list: (path, options) => storage.list(path, options),
    read: (path) => storage.read(path),
    ...(readFile && { readFile }),
    ...countedFiles(terms, account),
    ...quotaTree(terms, account),
    ...(close && { close }),
  };
}

type CountedFiles = Pick<Storage, 'write' | 'append' | 'resume' | 'copy'>;

function countedFiles(terms: QuotaContext, account: () => QuotaAccount): CountedFiles {
  const { storage } = terms;
  const write = storage.write?.bind(storage);
  const append = storage.append?.bind(storage);
  const resume = storage.resume?.bind(storage);
  const copy = storage.copy?.bind(storage);
  const methods: CountedFiles = {};
  if (write) {
    methods.write = (path, options) => {
      const begin = (): Promise<PendingFile> => write(path, options);
      return new CountedWrite(terms, account(), { path, ...options }).start(begin);
    };
  }
  if (append) {
    methods.append = async (path, options) => {
      // The bytes that are counted must be those of the version that the append continues.
      const { size: base, etag } = await storage.stat(path);
      const begin = (): Promise<PendingFile> =>
        append(path, { ...options, ifMatch: options.ifMatch ?? etag });
      const size = base + (options.size ?? 0);
      return new CountedWrite(terms, account(), { path, size }).start(begin, base);
    };
  }
  if (resume) {
    methods.resume = (path, options) => {
      const find = (): Promise<ResumeResult | undefined> => resume(path, options);
      return new CountedWrite(terms, account(), { path, ...options }).resume(find);
    };
  }
  if (copy) {
    methods.copy = async (from, to, options) => {
      const { bytes } = await replacedAt(storage, from);
      const room = await QuotaReservation.open(account(), terms, { path: to, bytes });
      const store = async () => {
        if ((await replacedAt(storage, from)).bytes > bytes) throw new TransferError('ESTALE');
        return copy(from, to, options);
      };
      return room.settle(bytes, store, [from]).finally(() => room.close());
    };
  }
  return methods;
}

/** What is known of a version before it begins. */
interface VersionPlan {
  readonly path: RemotePath;
  readonly size?: number | undefined;
  readonly uploadId?: string | undefined;
}

/** The beginning of a version that counts. */
class CountedWrite {
  readonly #terms: QuotaContext;
  readonly #account: QuotaAccount;
  readonly #plan: VersionPlan;

  constructor(terms: QuotaContext, account: QuotaAccount, plan: VersionPlan) {
    this.#terms = terms;
    this.#account = account;
    this.#plan = plan;
  }

  /** Starts a version that has `base` bytes already. */
  async start(begin: () => Promise<PendingFile>, base = 0): Promise<PendingFile> {
    const { path, size = 0, uploadId } = this.#plan;
    const room = await QuotaReservation.open(this.#account, this.#terms, { path, bytes: size });
    try {
      const pending = await begin();
      // What was there under the id has been thrown away.
      if (uploadId !== undefined) this.#account.suspended.forget(path, uploadId);
      return this.#counted(pending, room, base);
    } catch (error) {
      room.close();
      throw error;
    }
  }

  async resume(find: () => Promise<ResumeResult | undefined>): Promise<ResumeResult | undefined> {
    const { suspended, ledger } = this.#account;
    const { path, size = 0, uploadId = '' } = this.#plan;
    const kept = suspended.take(path, uploadId);
    const found = await find().catch((thrown: unknown) => {
      if (kept) suspended.putBack(kept);
      // What a commit would refuse is thrown away.
      const { code } = TransferError.from(thrown);
      if (code === 'EISDIR' || code === 'EEXIST' || code === 'ESTALE') suspended.forget(path, uploadId);
      throw thrown;
    });
    if (found?.kind !== 'pending') {
      if (kept) ledger.release(kept.amount);
      return found;
    }
    const { pending, bytes } = found;
    const plan = { path, bytes: Math.max(bytes, size), taken: kept?.amount };
    const room = await QuotaReservation.open(this.#account, this.#terms, plan).catch(
      async (thrown: unknown) => {
        await pending.discard();
        throw thrown;
      },
    );
    return { ...found, pending: this.#counted(pending, room, bytes) };
  }

  #counted(pending: PendingFile, room: QuotaReservation, bytes: number): PendingFile {
    const canSuspend = (): boolean => this.#account.suspended.hasPlace;
    return quotaPending({ pending, room, bytes, uploadId: this.#plan.uploadId, canSuspend });
  }
}
