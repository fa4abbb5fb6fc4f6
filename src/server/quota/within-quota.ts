/**
 * A storage within a quota. Has the methods of the storage that it wraps, except `writeFile`: `write` rejects an
 * announced size that does not fit before the client sends a byte.
 *
 *     write, append, resume -> QuotaReservation -> CountedPendingFile: write -> grow; commit | suspend | discard
 *     copy                  -> QuotaReservation -> commit
 *     mkdir, remove, rename -> countedTree
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, ResumeResult, Storage } from '../../storage/storage.js';
import type { Quota } from '../identity.js';
import { CountedPendingFile } from './counted-pending-file.js';
import { countedTree } from './counted-tree.js';
import type { ContextOf, QuotaContext } from './quota-account.js';
import type { QuotaAccounts } from './quota-accounts.js';
import { QuotaReservation } from './quota-reservation.js';
import { replacedAt } from './usage.js';

/** The account that counts, and its bound. */
export interface QuotaHolder {
  readonly accounts: QuotaAccounts;
  /** The name of the identity; undefined for anonymous clients. */
  readonly name: string | undefined;
  readonly quota: Quota;
}

/** The contexts of the calls of a holder of a quota. */
export function contextOf(storage: Storage, { accounts, name, quota }: QuotaHolder): ContextOf {
  return ({ onProgress = () => undefined }) => {
    const account = accounts.of(name);
    const reportProgress = (): void => {
      onProgress();
      account.lock.reportProgress();
    };
    return { storage, quota, account, onProgress, reportProgress };
  };
}

/** A storage that stores no more than a quota allows: EDQUOT, or EFBIG for one file. Its `close` closes `storage`. */
export function withinQuota(storage: Storage, holder: QuotaHolder): Storage {
  const context = contextOf(storage, holder);
  const close = storage.close?.bind(storage);
  const readFile = storage.readFile?.bind(storage);
  const watch = storage.watch?.bind(storage);
  const uploadStatus = storage.uploadStatus?.bind(storage);
  return {
    stat: (path) => storage.stat(path),
    list: (path, options) => storage.list(path, options),
    read: (path) => storage.read(path),
    ...(readFile && { readFile }),
    ...(watch && { watch }),
    ...(uploadStatus && { uploadStatus }),
    ...countedFiles(storage, context),
    ...countedTree(storage, context),
    ...(close && { close }),
  };
}

function countedFiles(
  storage: Storage,
  context: ContextOf,
): Pick<Storage, 'write' | 'append' | 'resume' | 'copy'> {
  const write = storage.write?.bind(storage);
  const append = storage.append?.bind(storage);
  const resume = storage.resume?.bind(storage);
  const copy = storage.copy?.bind(storage);
  return {
    ...(write && {
      write: (path, options) =>
        countedWrite(context(options), { path, ...options }, () => write(path, options)),
    }),
    ...(append && {
      append: async (path, options) => {
        // The counted bytes must be those of the version that the append continues.
        const { size: base, etag } = await storage.stat(path);
        const conditions = { ...options, ifMatch: options.ifMatch ?? etag };
        const size = base + (options.size ?? 0);
        return countedWrite(context(options), { path, size, base }, () => append(path, conditions));
      },
    }),
    ...(resume && {
      resume: (path, options) =>
        countedResume(context(options), { path, ...options }, () => resume(path, options)),
    }),
    ...(copy && {
      copy: async (from, to, options) => {
        const { bytes } = await replacedAt(storage, from);
        const current = context(options);
        const reservation = await QuotaReservation.open(current, { path: to, bytes });
        const store = async () => {
          if ((await replacedAt(storage, from)).bytes > bytes) throw new TransferError('ESTALE');
          return copy(from, to, { ...options, onProgress: current.reportProgress });
        };
        return reservation.commit(bytes, store, [from]).finally(() => reservation.close());
      },
    }),
  };
}

interface VersionPlan {
  readonly path: RemotePath;
  readonly size?: number | undefined;
  readonly uploadId?: string | undefined;
  /** Bytes of the file that an append continues. */
  readonly base?: number;
}

async function countedWrite(
  context: QuotaContext,
  { path, size = 0, uploadId, base = 0 }: VersionPlan,
  write: () => Promise<PendingFile>,
): Promise<PendingFile> {
  const reservation = await QuotaReservation.open(context, { path, bytes: size });
  try {
    const pending = await write();
    // The storage has discarded the suspended version with this id.
    if (uploadId !== undefined) context.account.suspended.drop(path, uploadId);
    return new CountedPendingFile({ pending, reservation, bytes: base, uploadId });
  } catch (error) {
    reservation.close();
    throw error;
  }
}

async function countedResume(
  context: QuotaContext,
  { path, size = 0, uploadId = '' }: VersionPlan,
  resume: () => Promise<ResumeResult | undefined>,
): Promise<ResumeResult | undefined> {
  const { suspended, ledger } = context.account;
  const kept = suspended.take(path, uploadId);
  const found = await resume().catch((thrown: unknown) => {
    if (kept) suspended.putBack(kept);
    // With these codes the storage has discarded the suspended version.
    const { code } = TransferError.from(thrown);
    if (code === 'EISDIR' || code === 'EEXIST' || code === 'ESTALE') suspended.drop(path, uploadId);
    throw thrown;
  });
  if (found?.kind !== 'pending') {
    if (kept) ledger.release(kept.usage);
    return found;
  }
  const { pending, bytes } = found;
  const version = { path, bytes: Math.max(bytes, size), reserved: kept?.usage };
  const reservation = await QuotaReservation.open(context, version).catch(async (thrown: unknown) => {
    await pending.discard();
    throw thrown;
  });
  return {
    ...found,
    pending: new CountedPendingFile({ pending, reservation, bytes, uploadId }),
  };
}
