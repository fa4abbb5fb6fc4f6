/** Changes of the tree within a quota: a directory counts as one file, a removed entry is freed, `utimes` and `chmod` are free. */
import { TransferError } from '../../errors.js';
import { foldPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import { missingDirectories } from './missing-directories.js';
import type { ContextOf, QuotaContext } from './quota-account.js';
import { minus, noUsage, replacedAt, usageAt, type Usage } from './usage.js';

type Work = () => Promise<void>;

/** The methods of a storage that change its tree, counted. Has those that the storage has. */
export function countedTree(
  storage: Storage,
  context: ContextOf,
): Pick<Storage, 'mkdir' | 'remove' | 'rename' | 'utimes' | 'chmod'> {
  const mkdir = storage.mkdir?.bind(storage);
  const remove = storage.remove?.bind(storage);
  const rename = storage.rename?.bind(storage);
  const utimes = storage.utimes?.bind(storage);
  const chmod = storage.chmod?.bind(storage);
  return {
    ...(utimes && { utimes }),
    ...(chmod && { chmod }),
    ...(mkdir && {
      mkdir: (path, options) =>
        countedMkdir(context(options), { path, ...options }, () => mkdir(path, options)),
    }),
    ...(remove && {
      remove: (path, options) => {
        const current = context(options);
        const { account, onProgress, reportProgress } = current;
        const { lock } = account;
        const work = (): Promise<void> =>
          countedRemove(current, { path, ...options }, () =>
            remove(path, { ...options, onProgress: reportProgress }),
          );
        return options.recursive ? lock.exclusive(work, onProgress) : lock.shared([path], work, onProgress);
      },
    }),
    ...(rename && {
      rename: (from, to, options) =>
        countedRename(context(options), { from, to }, () => rename(from, to, options)),
    }),
  };
}

async function countedMkdir(
  context: QuotaContext,
  { path, recursive }: { path: RemotePath; recursive: boolean },
  mkdir: Work,
): Promise<void> {
  const { account, storage } = context;
  account.enter();
  let reserved = noUsage;
  try {
    const expected = recursive ? await missingUsage(storage, path) : { bytes: 0, files: 1 };
    await account.reserve(expected, context);
    reserved = expected;
    const work = (): Promise<void> => mkdirIfFits(context, { path, reserved }, mkdir);
    await account.lock.exclusive(work, context.onProgress);
  } finally {
    account.ledger.release(reserved);
    account.leave();
  }
}

async function mkdirIfFits(
  { account, storage, quota }: QuotaContext,
  { path, reserved }: { path: RemotePath; reserved: Usage },
  mkdir: Work,
): Promise<void> {
  const { ledger } = account;
  const missing = await missingUsage(storage, path);
  // A parent that existed before the reservation may have been removed.
  if (!ledger.fits(minus(missing, reserved), quota)) throw new TransferError('EDQUOT');
  try {
    await mkdir();
  } finally {
    // A mkdir that failed may have created parents. If they cannot be counted, that is no failure of the mkdir.
    const left = await missingUsage(storage, path).catch(() => undefined);
    if (left) ledger.change(minus(missing, left));
    else account.invalidate();
  }
}

async function missingUsage(storage: Storage, path: RemotePath): Promise<Usage> {
  return { bytes: 0, files: (await missingDirectories(storage, path)).length };
}

async function countedRemove(
  { account, storage, reportProgress: onProgress }: QuotaContext,
  { path, recursive }: { path: RemotePath; recursive: boolean },
  remove: Work,
): Promise<void> {
  // A storage rejects the removal of its root: there is no need to count it.
  const isCounted = account.ledger.stored && path !== REMOTE_ROOT;
  const freed = isCounted ? await usageAt(storage, path, { recursive, onProgress }) : noUsage;
  try {
    await remove();
    account.directoryRemoved(path);
    account.ledger.change(minus(noUsage, freed));
  } catch (error) {
    // A recursive removal that failed may have removed a part.
    if (recursive) account.invalidate();
    throw error;
  }
}

function countedRename(
  { account, storage, onProgress }: QuotaContext,
  { from, to }: { from: RemotePath; to: RemotePath },
  rename: Work,
): Promise<void> {
  const { lock, ledger } = account;
  return lock.exclusive(async () => {
    const isSame = foldPath(from) === foldPath(to);
    const freed = isSame || !ledger.stored ? noUsage : await replacedAt(storage, to);
    await rename();
    account.directoryRenamed(from, to);
    ledger.change(minus(noUsage, freed));
  }, onProgress);
}
