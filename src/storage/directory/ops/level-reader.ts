/** Reads one directory of a listing: its entries in batches, and the subdirectories seen so far. */
import { unlessMissing } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import { listablePath } from '../../listable-path.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { DirectoryContext } from '../directory-context.js';
import { isPrivateName } from '../walk/private-folder.js';

/** Concurrent `lstat` calls: enough to keep the thread pool busy, few enough to leave room for other requests. */
const BATCH_SIZE = 16;

type NamedPath = readonly [name: string, path: RemotePath];

/** What a listing needs. */
export type ListingContext = Pick<DirectoryContext, 'calls' | 'versions'>;

export class LevelReader {
  readonly #context: ListingContext;
  readonly #cursor: TreeCursor;
  readonly #subdirectories: string[] = [];
  #batches: AsyncGenerator<NamedPath[], undefined> | undefined;
  #ended = false;

  /** Reads the directory at the cursor. */
  constructor(context: ListingContext, cursor: TreeCursor) {
    this.#context = context;
    this.#cursor = cursor;
  }

  /** Whether all entries have been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next batch of entries; undefined at the end. The cursor must be at this directory. */
  async next(): Promise<FileEntry[] | undefined> {
    const directory = await this.#cursor.current();
    // The path consists of names that `listablePath` has checked.
    this.#batches ??= batchesOf(directory, this.#cursor.path as RemotePath);
    const { value: batch } = await this.#batches.next();
    if (!batch) {
      this.#ended = true;
      return undefined;
    }
    const found = await Promise.all(
      batch.map(([name, path]) => entryAt(this.#context, directory.at(name), path)),
    );
    await directory.confirm();
    for (const [index, entry] of found.entries()) {
      const name = batch[index]?.[0];
      if (entry?.kind === 'directory' && name !== undefined) this.#subdirectories.push(name);
    }
    return found.filter((entry) => entry !== undefined);
  }

  /** Takes the name of a subdirectory that has not been listed. */
  nextSubdirectory(): string | undefined {
    return this.#subdirectories.pop();
  }

  clearSubdirectories(): void {
    this.#subdirectories.length = 0;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#batches?.return(undefined);
  }
}

/** The names that a listing shows, with their paths. */
async function* batchesOf(
  directory: OpenDirectory,
  path: RemotePath,
): AsyncGenerator<NamedPath[], undefined> {
  let batch: NamedPath[] = [];
  for await (const found of directory.names()) {
    const child = found.isFile() || found.isDirectory() ? visiblePath(path, found.name) : undefined;
    if (child === undefined) continue;
    batch.push([found.name, child]);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function visiblePath(directory: RemotePath, name: string): RemotePath | undefined {
  return directory === REMOTE_ROOT && isPrivateName(name) ? undefined : listablePath(directory, name);
}

/** The entry of a file or directory; undefined if it was removed or replaced by something of another kind. */
async function entryAt(
  { calls, versions }: ListingContext,
  localPath: string,
  path: RemotePath,
): Promise<FileEntry | undefined> {
  const stats = await unlessMissing(calls.lstat(localPath));
  return stats?.isFile() || stats?.isDirectory() ? versions.entry(path, stats, localPath) : undefined;
}
