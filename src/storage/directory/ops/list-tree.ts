/**
 * What a tree holds: one directory after another, the outer before the inner. A directory is left for those in it as
 * soon as some are known, and read on afterwards, so that what is kept does not grow with the number of names in it.
 */
import { hasErrno } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageListOptions } from '../../storage.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { FileCalls } from '../calls/file-calls.js';
import { fileFailure } from '../calls/file-failure.js';
import { ListedLevel } from './listed-level.js';
import type { DirectoryContext } from '../directory-context.js';

/**
 * Directories that are open to be read on, besides those of the descent. Deeper ones are read to their ends first, and
 * the names of all directories in them are kept meanwhile.
 */
const MAX_READ_ON = 6;

/** The entries of a directory; recursive: of those in it, too. */
export async function* listTree(
  { calls, tree }: DirectoryContext,
  path: RemotePath,
  { recursive }: StorageListOptions,
): AsyncGenerator<FileEntry> {
  try {
    const descent = await tree.descent(path);
    try {
      const outermost = new ListedLevel(calls, descent);
      const all = recursive ? everything(calls, descent, outermost) : entriesOf(outermost);
      // One generator around another costs more for each entry than to read it does; for some at once it does not.
      for await (const some of all) for (const entry of some) yield entry;
    } finally {
      await descent.close();
    }
  } catch (error) {
    throw fileFailure(error, path);
  }
}

async function* entriesOf(level: ListedLevel): AsyncGenerator<FileEntry[]> {
  try {
    for (let some = await level.next(); some; some = await level.next()) {
      level.dropDirectories();
      yield some;
    }
  } finally {
    await level.close();
  }
}

async function* everything(
  calls: FileCalls,
  descent: TreeCursor,
  outermost: ListedLevel,
): AsyncGenerator<FileEntry[]> {
  // The last one is of where the descent is.
  const levels = [outermost];
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const leaves = level.ended || levels.length <= MAX_READ_ON;
      const directory = leaves ? level.nextDirectory() : undefined;
      if (directory !== undefined) {
        if (await goesDown(descent, directory)) levels.push(new ListedLevel(calls, descent));
      } else if (!level.ended) {
        yield (await (level === outermost ? level.next() : whileThere(level))) ?? [];
      } else {
        levels.pop();
        if (levels.length > 0) await descent.up();
      }
    }
  } finally {
    for (const level of levels) await level.close();
  }
}

async function goesDown(descent: TreeCursor, name: string): Promise<boolean> {
  try {
    await descent.down(name);
    return true;
  } catch (error) {
    if (hasNothingToShow(error)) return false;
    throw error;
  }
}

/** The next entries of an inner directory, unless it is gone. */
async function whileThere(level: ListedLevel): Promise<FileEntry[] | undefined> {
  try {
    return await level.next();
  } catch (error) {
    if (!hasNothingToShow(error)) throw error;
    await level.close();
    return undefined;
  }
}

/**
 * Whether an inner directory vanished, was replaced meanwhile (EBUSY), or may not be read by the server: the rest of the
 * tree is listed all the same.
 */
function hasNothingToShow(error: unknown): boolean {
  return hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EBUSY', 'EACCES', 'EPERM');
}
