/**
 * Removes a directory that is empty except for its private folder and temporary files. Clients see neither, so they must not
 * keep them from removing the directory. An upload into the directory, suspended or running, ends with it: it has no place left.
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { isTemporaryName, PRIVATE_FOLDER } from '../walk/private-folder.js';
import { enterPrivateFolder } from './folder-handles.js';
import { keepingTime } from './keeping-time.js';
import { STORED_NAME } from './part-sweep.js';

/** Removes the directory `name` in another one. ENOTEMPTY if it holds anything but its private folder and temporary files. */
export async function removeWithFolder(calls: FileCalls, parent: OpenDirectory, name: string): Promise<void> {
  try {
    await calls.rmdir(parent.at(name));
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST') || !(await removePrivate(calls, parent, name))) throw error;
    await calls.rmdir(parent.at(name));
  }
}

/** Whether nothing but the private folder and temporary files was in the directory, and is removed. */
async function removePrivate(calls: FileCalls, parent: OpenDirectory, name: string): Promise<boolean> {
  const directory = await parent.enter(name);
  try {
    const names = await privateNames(directory);
    if (!names) return false;
    if (names.includes(PRIVATE_FOLDER) && !(await removeFolder(calls, directory))) return false;
    for (const name of names)
      if (name !== PRIVATE_FOLDER) await unlessMissing(calls.unlink(directory.at(name)));
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

/** Whether the private folder held nothing but files of uploads, and is removed. */
async function removeFolder(calls: FileCalls, directory: OpenDirectory): Promise<boolean> {
  const folder = await enterPrivateFolder(directory);
  try {
    const files = await storedFiles(folder);
    if (!files) return false;
    for (const name of files) await unlessMissing(calls.unlink(folder.at(name)));
  } finally {
    await folder.close();
  }
  // Another program may keep the directory by a new file.
  await keepingTime(calls, directory, () => calls.rmdir(directory.at(PRIVATE_FOLDER)));
  return true;
}

/** The names of the private folder and of temporary files; undefined if the directory holds anything else. */
async function privateNames(directory: OpenDirectory): Promise<string[] | undefined> {
  const names: string[] = [];
  for await (const found of directory.names()) {
    const isPrivate = found.name === PRIVATE_FOLDER || (isTemporaryName(found.name) && found.isFile());
    if (!isPrivate) return undefined;
    names.push(found.name);
  }
  return names;
}

/**
 * The files of uploads in a private folder; undefined if it holds anything else. The records come first: a record without
 * a part file would mean that the upload was committed.
 */
async function storedFiles(folder: OpenDirectory): Promise<string[] | undefined> {
  const [records, parts]: [string[], string[]] = [[], []];
  for await (const file of folder.names()) {
    const [, , extension] = STORED_NAME.exec(file.name) ?? [];
    if (extension === undefined || !file.isFile()) return undefined;
    (extension === 'done' ? records : parts).push(file.name);
  }
  return [...records, ...parts];
}
