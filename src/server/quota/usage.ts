/** What is there, as a quota counts it: bytes of files; files and directories. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import { nothing, plus, type Usage } from './quota-ledger.js';

/** All that is below a directory. */
export async function usageBelow(storage: Storage, path: RemotePath): Promise<Usage> {
  let bytes = 0;
  let files = 0;
  for await (const { size } of storage.list(path, { recursive: true })) {
    bytes += size;
    files += 1;
  }
  return { bytes, files };
}

/** What is at a path and, if that is wanted, below it. */
export async function usageAt(storage: Storage, path: RemotePath, isWhole: boolean): Promise<Usage> {
  const entry = await entryAt(storage, path);
  if (!entry) return nothing;
  if (entry.kind === 'file' || !isWhole) return amountOf(entry);
  return plus(amountOf(entry), await usageBelow(storage, path));
}

/** What a new version of a file takes the place of: nothing where no file is. */
export async function replacedAt(storage: Storage, path: RemotePath): Promise<Usage> {
  const entry = await entryAt(storage, path);
  return entry?.kind === 'file' ? amountOf(entry) : nothing;
}

/** What is at a path; nothing where its way there is none. */
async function entryAt(storage: Storage, path: RemotePath): Promise<FileEntry | undefined> {
  try {
    return await storage.stat(path);
  } catch (thrown) {
    const error = TransferError.from(thrown);
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(error.code)) return undefined;
    throw error;
  }
}

function amountOf({ size }: FileEntry): Usage {
  return { bytes: size, files: 1 };
}
