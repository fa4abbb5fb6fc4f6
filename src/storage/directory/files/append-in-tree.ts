/** Appending: a part begins as a copy of the file, is written to, and takes the name of the file as that of an upload does. */
import { TransferError } from '../../../errors.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import type { DirectoryContext } from '../directory-context.js';
import { OpenedFile } from './opened-file.js';
import { PartFile } from './part-file.js';

/** Starts a version that continues a file. It is stored only if the file is still the one that was copied. */
export async function appendInTree(
  site: DirectoryContext,
  path: RemotePath,
  options: StorageWriteOptions,
): Promise<PendingFile> {
  checkWriteOptions(path, options);
  const base = await OpenedFile.open(site, path);
  try {
    const { etag } = base.entry;
    if (options.ifMatch !== undefined && options.ifMatch !== etag) throw new TransferError('ESTALE');
    const { mtime, flush } = options;
    const part = await PartFile.create(site, path, { overwrite: true, ifMatch: etag, mtime, flush });
    await part.fill(base);
    return part;
  } finally {
    await base.close();
  }
}
