/** Part files that begin as a copy of another file; where the file system can, they share its blocks. */
import { TransferError } from '../../../errors.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { PendingFile, StorageReplaceOptions, StorageWriteOptions } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import type { DirectoryContext } from '../directory-context.js';
import { OpenedFile } from './opened-file.js';
import { PartFile } from './part-file.js';

/** Copies a file with its permissions, as an upload of its content. ESTALE if it changes meanwhile. */
export async function copyInTree(
  context: DirectoryContext,
  { from, to, overwrite, onProgress }: { from: RemotePath; to: RemotePath } & StorageReplaceOptions,
): Promise<FileEntry> {
  const source = await OpenedFile.open(context, from);
  try {
    const copy = await PartFile.create(context, to, { overwrite, onProgress });
    await copy.fill(source);
    return await copy.commit();
  } finally {
    await source.close();
  }
}

/** Starts a version that continues a file. It is stored only if the file is still the one that was copied. */
export async function appendInTree(
  context: DirectoryContext,
  path: RemotePath,
  options: StorageWriteOptions,
): Promise<PendingFile> {
  checkWriteOptions(path, options);
  const base = await OpenedFile.open(context, path);
  try {
    const { etag } = base.entry;
    if (options.ifMatch !== undefined && options.ifMatch !== etag) throw new TransferError('ESTALE');
    const { mtime, flush, onProgress } = options;
    const conditions = { overwrite: true, ifMatch: etag, mtime, flush, onProgress };
    const part = await PartFile.create(context, path, conditions);
    await part.fill(base);
    return part;
  } finally {
    await base.close();
  }
}
