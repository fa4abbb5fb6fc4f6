/**
 * Lists a tree, parents before their content. The entries of a directory and of its subdirectories alternate, so that the
 * memory used does not grow with the number of names in one directory:
 *
 *     read some entries of a directory -> list its subdirectories seen so far -> read more entries -> ...
 */
import { hasErrno } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageListOptions } from '../../storage.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import { pathFailure } from '../calls/file-failure.js';
import { EntriesOfBatches } from '../../../protocol/listings/entries-of-batches.js';
import { LevelReader } from './level-reader.js';
import type { DirectoryContext } from '../directory-context.js';

/**
 * Depth up to which a partly read directory stays open while its subdirectories are listed. A deeper one is read to its
 * end first, and the names of all its subdirectories are kept.
 */
const MAX_OPEN_LEVELS = 6;

/** Lists a directory; recursive: with everything below it. */
export function listTree(
  context: DirectoryContext,
  path: RemotePath,
  options: StorageListOptions,
): AsyncIterable<FileEntry> {
  return new EntriesOfBatches(() => readTree(context, path, options));
}

async function* readTree(
  context: DirectoryContext,
  path: RemotePath,
  options: StorageListOptions,
): AsyncGenerator<FileEntry[]> {
  try {
    const cursor = await context.resolver.cursor(path);
    try {
      const newLevel = (): LevelReader => new LevelReader(context, cursor, options);
      yield* options.recursive ? readRecursively(cursor, newLevel) : readLevel(newLevel());
    } finally {
      await cursor.close();
    }
  } catch (error) {
    throw await pathFailure(context.resolver, error, path);
  }
}

async function* readLevel(level: LevelReader): AsyncGenerator<FileEntry[]> {
  try {
    for (let batch = await level.next(); batch; batch = await level.next()) {
      level.clearSubdirectories();
      yield batch;
    }
  } finally {
    await level.close();
  }
}

async function* readRecursively(
  cursor: TreeCursor,
  newLevel: () => LevelReader,
): AsyncGenerator<FileEntry[]> {
  const top = newLevel();
  // The last level is the one at the cursor.
  const levels = [top];
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const mayDescend = level.ended || levels.length <= MAX_OPEN_LEVELS;
      const subdirectory = mayDescend ? level.nextSubdirectory() : undefined;
      if (subdirectory !== undefined) {
        if (await canEnter(cursor, subdirectory)) levels.push(newLevel());
      } else if (!level.ended) {
        yield (await (level === top ? level.next() : nextIfReadable(level))) ?? [];
      } else {
        levels.pop();
        if (levels.length > 0) await cursor.up();
      }
    }
  } finally {
    for (const level of levels) await level.close();
  }
}

/** Moves the cursor into a subdirectory; false if the listing skips it. */
async function canEnter(cursor: TreeCursor, name: string): Promise<boolean> {
  try {
    await cursor.down(name);
    return true;
  } catch (error) {
    if (isSkippable(error)) return false;
    throw error;
  }
}

/** The next entries of a subdirectory; ends it if the listing skips the rest. */
async function nextIfReadable(level: LevelReader): Promise<FileEntry[] | undefined> {
  try {
    return await level.next();
  } catch (error) {
    if (!isSkippable(error)) throw error;
    await level.close();
    return undefined;
  }
}

/** Whether a subdirectory was removed, was replaced (EBUSY), or is not readable: the listing continues without it. */
function isSkippable(error: unknown): boolean {
  return hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EBUSY', 'EACCES', 'EPERM');
}
