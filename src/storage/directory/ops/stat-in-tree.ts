/** Looks at a file or directory: by one synchronous call where that is possible, which costs less than the promises around it. */
import fs from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasCoarseTimes } from '../../../fs/has-coarse-times.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import { exact, type Stats } from '../calls/file-calls.js';
import { toFileEntry } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

/** The entry, if calls are fast, the parent can be opened at once, and the etag needs no other call. Throws system errors. */
export function statAtOnce({ calls, resolver }: DirectoryContext, path: RemotePath): FileEntry | undefined {
  return calls.sequences?.stat(() => {
    const place = resolver.parentSync(path);
    if (!place) return undefined;
    const stats = fs.lstatSync(place.directory.at(place.name), exact);
    return hasCoarseTimes(stats) ? undefined : toFileEntry(path, stats);
  });
}

/** As `statAtOnce`, for any path at any time. */
export async function statInTree(
  { calls, resolver, versions }: DirectoryContext,
  path: RemotePath,
): Promise<FileEntry> {
  if (path === REMOTE_ROOT) return rootEntry(await calls.stat((await resolver.root()).self));
  return resolver.inParent(path, async (directory, name) => {
    const target = directory.at(name);
    const stats = await calls.lstat(target);
    if (!directory.byHandle) await directory.confirm();
    return versions.entry(path, stats, target);
  });
}

function rootEntry(stats: Stats): FileEntry {
  if (!stats.isDirectory()) throw new TransferError('ENOTDIR', 'The root of the storage is not a directory.');
  return toFileEntry(REMOTE_ROOT, stats);
}
