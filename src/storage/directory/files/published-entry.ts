/** The entry of a file that has just got its name, which is flushed to the disk. */
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { afterChange } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import type { OpenDirectory } from '../walk/open-directory.js';

interface Published {
  readonly path: RemotePath;
  /** The path of the file for system calls. */
  readonly target: string;
  readonly directory: OpenDirectory;
  /** The private folder from which the file was renamed. */
  readonly folder: Pick<OpenDirectory, 'sync'>;
}

export function publishedEntry(
  { calls, versions, durable }: DirectoryContext,
  { path, target, directory, folder }: Published,
): Promise<FileEntry> {
  return afterChange(async () => {
    const entry = await versions.entry(path, await calls.lstat(target), target);
    // Where the directory cannot be opened for that, the journal of the file system has the rename in one record with the
    // change of the private folder.
    if (durable && !(await directory.sync())) await folder.sync();
    return entry;
  });
}
