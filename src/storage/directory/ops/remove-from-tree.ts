/** Removes files and directories; a directory's content first, through open directories, so that no link is followed. */
import { unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageRemoveOptions } from '../../storage.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { FileCalls } from '../calls/file-calls.js';
import { afterChange } from '../calls/file-failure.js';
import { removeNamesOfBytes } from '../calls/remove-names-of-bytes.js';
import { removeWithFolder } from '../parts/remove-with-folder.js';
import type { DirectoryContext } from '../directory-context.js';

/**
 * Removes a file or an empty directory; recursive: a directory with its content. Links, devices, FIFOs and sockets are
 * removed themselves. Removing needs no name that a path can hold.
 */
export async function removeFromTree(
  context: DirectoryContext,
  path: RemotePath,
  { recursive, onProgress = () => undefined }: StorageRemoveOptions,
): Promise<void> {
  const { calls, resolver, parts, durable } = context;
  await resolver.inParent(path, async (directory, name) => {
    const localPath = directory.at(name);
    const stats = await calls.lstat(localPath);
    const isDirectory = stats.isDirectory();
    if (isDirectory && recursive) await emptyDirectory(context, path, onProgress);
    await (isDirectory
      ? removeWithFolder(calls, directory, name)
      : calls.unlink(localPath, Number(stats.size)));
    if (isDirectory) parts.directoryMoved(path);
    if (durable) await afterChange(() => directory.sync());
  });
}

async function emptyDirectory(
  { calls, resolver }: DirectoryContext,
  path: RemotePath,
  onProgress: () => void,
): Promise<void> {
  const cursor = await resolver.cursor(path);
  try {
    // The subdirectories still to be removed, per level; the last level is the one at the cursor.
    const levels = [await unlinkFiles(calls, cursor, onProgress)];
    const names: string[] = [];
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const next = level.pop();
      if (next === undefined) {
        levels.pop();
        await removeEmptied(calls, cursor, names.pop());
      } else if (await unlessMissing(cursor.down(next))) {
        names.push(next);
        levels.push(await unlinkFiles(calls, cursor, onProgress));
      }
    }
  } finally {
    await cursor.close();
  }
}

async function removeEmptied(calls: FileCalls, cursor: TreeCursor, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await cursor.up();
  // An upload that has started there since has created the private folder again.
  await unlessMissing(removeWithFolder(calls, await cursor.current(), name));
}

/** Unlinks everything in the current directory except subdirectories; resolves with their names. */
async function unlinkFiles(calls: FileCalls, cursor: TreeCursor, onProgress: () => void): Promise<string[]> {
  onProgress();
  const directory = await cursor.current();
  const subdirectories: string[] = [];
  let hasBytes = false;
  for await (const found of directory.names()) {
    if (found.name.includes('\ufffd')) hasBytes = true;
    if (found.isDirectory()) subdirectories.push(found.name);
    else await unlessMissing(calls.unlink(directory.at(found.name)));
    onProgress();
  }
  return hasBytes
    ? subdirectories.concat(await removeNamesOfBytes(directory.self, onProgress))
    : subdirectories;
}
