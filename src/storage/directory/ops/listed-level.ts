/** One directory of a listing: its entries, a few at a time, and the directories among them that wait for their turn. */
import { unlessMissing } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import { listablePath } from '../../listable-path.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import { readNames } from '../walk/read-names.js';
import type { FileCalls } from '../calls/file-calls.js';
import { toFileEntry } from '../calls/file-entry.js';
import { isPrivateName } from '../walk/private-folder.js';

/** Calls that are under way at once: enough to keep the thread pool busy, few enough to let others in. */
const STATS_AT_ONCE = 16;

type NamedPath = readonly [name: string, path: RemotePath];

export class ListedLevel {
  readonly #calls: FileCalls;
  readonly #descent: TreeCursor;
  readonly #waiting: string[] = [];
  #batches: AsyncGenerator<NamedPath[], undefined> | undefined;
  #ended = false;

  /** Lists where the descent is. */
  constructor(calls: FileCalls, descent: TreeCursor) {
    this.#calls = calls;
    this.#descent = descent;
  }

  /** Whether all its entries have been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Its next entries, some at once; undefined at the end. The descent must be here, as it was at the start. */
  async next(): Promise<FileEntry[] | undefined> {
    const here = await this.#descent.here();
    // It was read out of checked names, each of which has been checked as a path, too.
    this.#batches ??= batches(this.#calls, here.self, this.#descent.path as RemotePath);
    const { value: named } = await this.#batches.next();
    if (!named) {
      this.#ended = true;
      return undefined;
    }
    const found = await Promise.all(named.map(([name, path]) => entryAt(this.#calls, here.at(name), path)));
    await here.confirm();
    for (const [index, entry] of found.entries()) {
      const name = named[index]?.[0];
      if (entry?.kind === 'directory' && name !== undefined) this.#waiting.push(name);
    }
    return found.filter((entry) => entry !== undefined);
  }

  /** Takes the name of a directory in it that waits for its turn. */
  nextDirectory(): string | undefined {
    return this.#waiting.pop();
  }

  /** Forgets the directories in it. */
  dropDirectories(): void {
    this.#waiting.length = 0;
  }

  /** Called once, wherever the descent is. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#batches?.return(undefined);
  }
}

/** The names that are served, as many at once as are looked at together. */
async function* batches(
  calls: FileCalls,
  place: string,
  path: RemotePath,
): AsyncGenerator<NamedPath[], undefined> {
  let batch: NamedPath[] = [];
  for await (const found of readNames(calls, place)) {
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
  return directory === REMOTE_ROOT && isPrivateName(name) ? undefined : listablePath(directory, name);
}

/** What is there; undefined if it vanished, or has become what is not served. */
async function entryAt(calls: FileCalls, place: string, path: RemotePath): Promise<FileEntry | undefined> {
  const stats = await unlessMissing(calls.lstat(place));
  return stats?.isFile() || stats?.isDirectory() ? toFileEntry(path, stats) : undefined;
}
