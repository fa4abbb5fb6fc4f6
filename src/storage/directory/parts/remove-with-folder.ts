/**
 * Removes a directory that is empty except for its private folder. Clients do not see the folder, so it must not keep them
 * from removing the directory. An upload into the directory, suspended or running, ends with it: it has no place left.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import { enterPrivateFolder } from './folder-handles.js';
import { STORED_NAME } from './part-sweep.js';

/** Removes the directory `name` in another one. ENOTEMPTY if it holds anything but its private folder. */
export async function removeWithFolder(calls: FileCalls, parent: OpenDirectory, name: string): Promise<void> {
  try {
    await calls.rmdir(parent.at(name));
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST') || !(await removeFolder(calls, parent, name))) throw error;
    await calls.rmdir(parent.at(name));
  }
}

/** Whether nothing but the private folder was in the directory, and is removed. */
async function removeFolder(calls: FileCalls, parent: OpenDirectory, name: string): Promise<boolean> {
  const directory = await parent.enter(name);
  try {
    for await (const found of directory.names()) if (found.name !== PRIVATE_FOLDER) return false;
    const folder = await enterPrivateFolder(directory);
    try {
      await removeStoredFiles(calls, folder);
    } finally {
      await folder.close();
    }
    await calls.rmdir(directory.at(PRIVATE_FOLDER));
    return true;
  } catch (error) {
    // What cannot be examined, or holds files of other programs, is not empty.
    if (
      error instanceof TransferError ||
      hasErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EACCES', 'EPERM')
    ) {
      return false;
    }
    throw error;
  } finally {
    await directory.close();
  }
}

/** Removes the records first: a record without a part file would mean that the upload was committed. */
async function removeStoredFiles(calls: FileCalls, folder: OpenDirectory): Promise<void> {
  const parts: string[] = [];
  for await (const { name } of folder.names()) {
    const [, , extension] = STORED_NAME.exec(name) ?? [];
    if (extension === 'part') parts.push(name);
    if (extension === 'done') await unlessMissing(calls.unlink(folder.at(name)));
  }
  for (const name of parts) await unlessMissing(calls.unlink(folder.at(name)));
}
