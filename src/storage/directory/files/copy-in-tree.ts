/** Copying: a file is opened, taken over into a part, and the part gets its name as that of an upload does. */
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageReplaceOptions } from '../../storage.js';
import { OpenedFile } from './opened-file.js';
import { PartFile } from './part-file.js';
import type { DirectoryContext } from '../directory-context.js';

/** Copies a file, with its permissions. */
export async function copyInTree(
  site: DirectoryContext,
  { from, to, overwrite }: { from: RemotePath; to: RemotePath } & StorageReplaceOptions,
): Promise<FileEntry> {
  const source = await OpenedFile.open(site, from);
  try {
    const copy = await PartFile.create(site, to, { overwrite });
    await copy.fill(source);
    return await copy.commit();
  } finally {
    await source.close();
  }
}
