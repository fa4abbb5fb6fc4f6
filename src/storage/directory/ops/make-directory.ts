/** Making directories, with their parents if need be. */
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { DirectoryContext } from '../directory-context.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Permissions, less those that the process masks. */
const DIRECTORY_MODE = 0o777;

/** Makes a directory in one that is there. */
export async function makeDirectory(site: DirectoryContext, path: RemotePath): Promise<void> {
  if (path === REMOTE_ROOT) throw new TransferError('EEXIST');
  await site.tree.inParent(path, (directory, name) => makeIn(site, directory, name));
}

/** Makes a directory and those above it, up to the root; content if it is there. */
export async function makeDirectories(site: DirectoryContext, path: RemotePath): Promise<void> {
  if (path === REMOTE_ROOT) return site.tree.makeRoot();
  await site.tree.checkAddressable(path);
  const descent = await site.tree.descent(REMOTE_ROOT);
  try {
    const names = path.split('/');
    const last = names.pop();
    for (const name of names) await makeAndEnter(site, descent, name);
    if (last === undefined) return;
    await makeAndEnter(site, descent, last).catch((error: unknown) => {
      throw hasErrno(error, 'ENOTDIR') ? new TransferError('EEXIST', undefined, { cause: error }) : error;
    });
  } finally {
    await descent.close();
  }
}

async function makeAndEnter(site: DirectoryContext, descent: TreeCursor, name: string): Promise<void> {
  try {
    await makeIn(site, await descent.here(), name);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  await descent.down(name);
}

async function makeIn(
  { calls, durable }: DirectoryContext,
  directory: OpenDirectory,
  name: string,
): Promise<void> {
  await calls.mkdir(directory.at(name), DIRECTORY_MODE);
  if (durable) await directory.sync();
}
