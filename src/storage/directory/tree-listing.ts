/**
 * What a tree holds: one directory after another, the outer before the inner. Only the names of directories that wait
 * for their turn are kept, those beside and above where the listing is.
 */
import type { Entry } from '../../protocol/entry.js';
import { ROOT, type RemotePath } from '../../protocol/remote-path.js';
import { listablePath } from '../listable-path.js';
import type { StorageListOptions } from '../storage.js';
import type { Descent } from './descent.js';
import { namesIn } from './directory-names.js';
import type { FileCalls } from './file-calls.js';
import { entryOf } from './file-entry.js';
import { fileFailure, hasCode, unlessMissing } from './file-failure.js';
import { isPrivateName } from './private-folder.js';
import type { Site } from './site.js';
import type { WalkedDirectory } from './walked-directory.js';

/** Calls that are under way at once: enough to keep the thread pool busy, few enough to let others in. */
const STATS_AT_ONCE = 16;

/** The entries of a directory; recursive: of those in it, too. */
export async function* listTree(
  { calls, tree }: Site,
  path: RemotePath,
  { recursive }: StorageListOptions,
): AsyncGenerator<Entry> {
  try {
    const descent = await tree.descent(path);
    try {
      await descent.here();
      yield* listing(calls, descent, recursive);
    } finally {
      await descent.close();
    }
  } catch (error) {
    throw fileFailure(error, path);
  }
}

async function* listing(calls: FileCalls, descent: Descent, recursive: boolean): AsyncGenerator<Entry> {
  const outermost: string[] = [];
  yield* entriesHere(calls, descent, outermost);
  // The directories that wait for their turn, per level; the last ones are in where the descent is.
  const waiting = [outermost];
  while (recursive && waiting.length > 0) {
    const next = waiting.at(-1)?.pop();
    if (next === undefined) {
      waiting.pop();
      if (waiting.length > 0) await descent.up();
    } else if (await goesDown(descent, next)) {
      const directories: string[] = [];
      waiting.push(directories);
      yield* whileThere(entriesHere(calls, descent, directories));
    }
  }
}

async function goesDown(descent: Descent, name: string): Promise<boolean> {
  try {
    await descent.down(name);
    return true;
  } catch (error) {
    if (hasNothingToShow(error)) return false;
    throw error;
  }
}

async function* whileThere(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  try {
    yield* entries;
  } catch (error) {
    if (!hasNothingToShow(error)) throw error;
  }
}

/** Whether an inner directory vanished, or the server may not read it: the rest of the tree is listed all the same. */
function hasNothingToShow(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM');
}

async function* entriesHere(
  calls: FileCalls,
  descent: Descent,
  directories: string[],
): AsyncGenerator<Entry> {
  const here = await descent.here();
  // It was read out of checked names, each of which has been checked as a path, too.
  const path = descent.path as RemotePath;
  for await (const named of batches(calls, here, path)) {
    const found = await Promise.all(named.map(([name, child]) => entryAt(calls, here.at(name), child)));
    await here.confirm();
    for (const [index, entry] of found.entries()) {
      const name = named[index]?.[0];
      if (entry?.kind === 'directory' && name !== undefined) directories.push(name);
      if (entry) yield entry;
    }
  }
}

type NamedPath = readonly [name: string, path: RemotePath];

async function* batches(
  calls: FileCalls,
  directory: WalkedDirectory,
  path: RemotePath,
): AsyncGenerator<NamedPath[]> {
  let batch: NamedPath[] = [];
  for await (const found of namesIn(calls, directory.self)) {
    const child = found.isFile() || found.isDirectory() ? servedPath(path, found.name) : undefined;
    if (child === undefined) continue;
    batch.push([found.name, child]);
    if (batch.length < STATS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The path of a name that a client could ask for; undefined for others. */
function servedPath(directory: RemotePath, name: string): RemotePath | undefined {
  return directory === ROOT && isPrivateName(name) ? undefined : listablePath(directory, name);
}

/** What is there; undefined if it vanished, or has become what is not served. */
async function entryAt(calls: FileCalls, place: string, path: RemotePath): Promise<Entry | undefined> {
  const stats = await unlessMissing(calls.lstat(place));
  return stats?.isFile() || stats?.isDirectory() ? entryOf(path, stats) : undefined;
}
