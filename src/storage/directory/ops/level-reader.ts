/** Reads one directory of a listing: its entries in batches, and the subdirectories seen so far. */
import { unlessMissing } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { listablePath } from '../../listable-path.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { DirectoryContext } from '../directory-context.js';
import type { StorageListOptions } from '../../storage.js';
import { isPrivateName } from '../walk/private-folder.js';

/** Concurrent `lstat` calls: enough to keep the thread pool busy, few enough to leave room for other requests. */
const BATCH_SIZE = 16;

type NamedPath = readonly [name: string, path: RemotePath];

/** In a name that was read, it may stand for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/** What a level reports: each name that it reads, and each that no path can express. */
type LevelOptions = Pick<StorageListOptions, 'onOmitted' | 'onProgress'>;

export class LevelReader {
  readonly #context: DirectoryContext;
  readonly #cursor: TreeCursor;
  readonly #options: LevelOptions;
  /** The names with a replacement character that were listed: other names that are not UTF-8 may read the same. */
  readonly #replaced = new Set<string>();
  readonly #subdirectories: string[] = [];
  #batches: AsyncGenerator<NamedPath[], undefined> | undefined;
  #ended = false;

  /** Reads the directory at the cursor. */
  constructor(context: DirectoryContext, cursor: TreeCursor, options: LevelOptions) {
    this.#context = context;
    this.#cursor = cursor;
    this.#options = options;
  }

  /** Whether all entries have been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next batch of entries; undefined at the end. The cursor must be at this directory. */
  async next(): Promise<FileEntry[] | undefined> {
    const directory = await this.#cursor.current();
    // Also for a directory without a name.
    this.#options.onProgress?.();
    // The path consists of names that `listablePath` has checked.
    const path = this.#cursor.path as RemotePath;
    this.#batches ??= this.#batchesOf(directory, path);
    const { value: batch } = await this.#batches.next();
    if (!batch) {
      this.#ended = true;
      return undefined;
    }
    const found = await Promise.all(
      batch.map(([name, child]) => entryAt(this.#context, directory.at(name), child)),
    );
    await directory.confirm();
    for (const [index, entry] of found.entries()) {
      const name = batch[index]?.[0];
      if (!entry && name?.includes(REPLACEMENT)) this.#options.onOmitted?.(path);
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

  /** The names that a listing shows, with their paths. */
  async *#batchesOf(directory: OpenDirectory, path: RemotePath): AsyncGenerator<NamedPath[], undefined> {
    let batch: NamedPath[] = [];
    for await (const found of directory.names()) {
      this.#options.onProgress?.();
      if (!found.isFile() && !found.isDirectory()) continue;
      if (isPrivateName(found.name)) {
        this.#context.parts.noteFolder(path);
        continue;
      }
      const child = this.#listablePath(path, found.name);
      if (child === undefined) {
        this.#options.onOmitted?.(path);
        continue;
      }
      batch.push([found.name, child]);
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #listablePath(directory: RemotePath, name: string): RemotePath | undefined {
    if (name.includes(REPLACEMENT)) {
      if (this.#replaced.has(name)) return undefined;
      this.#replaced.add(name);
    }
    const path = listablePath(directory, name);
    return path !== undefined && this.#context.resolver.canHold(path) ? path : undefined;
  }
}

/** The entry of a file or directory; undefined if it was removed or replaced by something of another kind. */
async function entryAt(
  { calls, versions }: DirectoryContext,
  localPath: string,
  path: RemotePath,
): Promise<FileEntry | undefined> {
  const stats = await unlessMissing(calls.lstat(localPath));
  return stats?.isFile() || stats?.isDirectory() ? versions.entry(path, stats, localPath) : undefined;
}
