/** Creates directories. */
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import { afterChange } from '../calls/file-failure.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { DirectoryContext } from '../directory-context.js';
import type { OpenDirectory } from '../walk/open-directory.js';

/** Permission bits, less the umask. */
const DIRECTORY_MODE = 0o777;

/** Creates a directory in an existing one. */
export async function makeDirectory(context: DirectoryContext, path: RemotePath): Promise<void> {
  if (path === REMOTE_ROOT) throw new TransferError('EEXIST');
  await context.resolver.inParent(path, (directory, name) => makeIn(context, directory, name));
  context.resolver.clearCache();
}

/** Creates a directory and its missing parents, including the root; succeeds if it already exists. */
export async function makeDirectories(context: DirectoryContext, path: RemotePath): Promise<void> {
  if (path === REMOTE_ROOT) return context.resolver.makeRoot();
  await context.resolver.checkAddressable(path);
  const cursor = await context.resolver.cursor(REMOTE_ROOT);
  try {
    const names = path.split('/');
    const last = names.pop() ?? '';
    for (const name of names) await makeAndEnter(context, cursor, name);
    await makeAndEnter(context, cursor, last).catch((error: unknown) => {
      throw hasErrno(error, 'ENOTDIR') ? new TransferError('EEXIST', undefined, { cause: error }) : error;
    });
  } finally {
    await cursor.close();
    context.resolver.clearCache();
  }
}

async function makeAndEnter(context: DirectoryContext, cursor: TreeCursor, name: string): Promise<void> {
  try {
    await makeIn(context, await cursor.current(), name);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
  await cursor.down(name);
}

async function makeIn(
  { calls, durable }: DirectoryContext,
  directory: OpenDirectory,
  name: string,
): Promise<void> {
  await calls.mkdir(directory.at(name), DIRECTORY_MODE);
  if (durable) await afterChange(() => directory.sync());
}
