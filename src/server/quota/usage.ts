/** Storage usage as a quota counts it: bytes of files, and the number of files and directories. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { batchesOf } from '../../protocol/listings/entries-of-batches.js';
import type { Storage } from '../../storage/storage.js';

/** Negative where usage shrinks. */
export interface Usage {
  readonly bytes: number;
  /** Files and directories. */
  readonly files: number;
}

export const noUsage: Usage = { bytes: 0, files: 0 };

export function plus(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes + other.bytes, files: one.files + other.files };
}

export function minus(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes - other.bytes, files: one.files - other.files };
}

/** The usage below a directory. `onProgress` is called for each entry or batch of entries. */
export async function usageBelow(storage: Storage, path: RemotePath, onProgress: () => void): Promise<Usage> {
  let bytes = 0;
  let files = 0;
  for await (const batch of batchesOf(storage.list(path, { recursive: true, onProgress }))) {
    onProgress();
    for (const { size } of batch) bytes += size;
    files += batch.length;
  }
  return { bytes, files };
}

/** The usage of the entry at a path and, with `recursive`, of all entries below it. */
export async function usageAt(
  storage: Storage,
  path: RemotePath,
  { recursive, onProgress }: { recursive: boolean; onProgress: () => void },
): Promise<Usage> {
  const entry = await entryAt(storage, path);
  if (!entry) return noUsage;
  const usage = { bytes: entry.size, files: 1 };
  if (!recursive || entry.kind !== 'directory') return usage;
  return plus(usage, await usageBelow(storage, path, onProgress));
}

/** The usage that a new version of a file frees: the usage of the file at the path, if there is one. */
export async function replacedAt(storage: Storage, path: RemotePath): Promise<Usage> {
  const entry = await entryAt(storage, path);
  return entry?.kind === 'file' ? { bytes: entry.size, files: 1 } : noUsage;
}

async function entryAt(storage: Storage, path: RemotePath): Promise<FileEntry | undefined> {
  try {
    return await storage.stat(path);
  } catch (thrown) {
    const error = TransferError.from(thrown);
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(error.code)) return undefined;
    throw error;
  }
}
