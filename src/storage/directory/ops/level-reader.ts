/**
 * Reads one directory of a listing: its entries in batches, and the subdirectories seen so far.
 *
 *     next -> calls are fast: one synchronous sequence of names and `lstat` calls, of at most a few ms
 *          -> otherwise: names in a thread, then `lstat` calls at once
 */
import fs, { type Dirent } from 'node:fs';
import { systemClock } from '../../../clock.js';
import { unlessMissing } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { listablePath } from '../../listable-path.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import type { DirectoryContext } from '../directory-context.js';
import type { StorageListOptions } from '../../storage.js';
import { exactIfAny, type Stats } from '../calls/file-calls.js';
import { NamesReader } from '../calls/names-reader.js';
import { isPrivateName, isTemporaryName } from '../walk/private-folder.js';

/** Concurrent `lstat` calls: enough to keep the thread pool busy, few enough to leave room for other requests. */
const BATCH_SIZE = 16;

/** Entries of a synchronous sequence: so many that what surrounds it costs little. */
const SYNC_BATCH_SIZE = 64;

/** Subdirectories after which a synchronous sequence ends: their names are kept until they are listed. */
const MAX_SUBDIRECTORIES = 16;

/** Time in ms after which a synchronous sequence makes no further call. */
const MAX_SYNC_MS = 2;

interface NamedPath {
  readonly name: string;
  readonly path: RemotePath;
}

/** A name and its entry; undefined if it is gone. */
interface Found extends NamedPath {
  readonly entry: FileEntry | Promise<FileEntry> | undefined;
}

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
  #names: NamesReader | undefined;
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
    if (this.#ended) return undefined;
    const directory = await this.#cursor.current();
    // Also for a directory without a name.
    this.#options.onProgress?.();
    // The path consists of names that `listablePath` has checked.
    const path = this.#cursor.path as RemotePath;
    const { sequences } = this.#context.calls;
    const inSequence =
      directory.byHandle && (await sequences?.readInTurn(() => this.#readSync(directory, path)));
    const { found } = inSequence || (await this.#read(directory, path));
    await directory.confirm();
    const entries: FileEntry[] = [];
    for (const { name, entry: made } of found) {
      const entry = made instanceof Promise ? await made : made;
      if (entry) entries.push(entry);
      else if (name.includes(REPLACEMENT)) this.#options.onOmitted?.(path);
      if (entry?.kind === 'directory') this.#subdirectories.push(name);
    }
    return entries;
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
    await this.#names?.close();
  }

  async #read(directory: OpenDirectory, path: RemotePath): Promise<{ found: Found[] }> {
    const { calls } = this.#context;
    const batch: NamedPath[] = [];
    const names = this.#namesOf(directory);
    while (batch.length < BATCH_SIZE) {
      const next = await names.read();
      if (!next) {
        await this.close();
        break;
      }
      const child = this.#shown(path, next);
      if (child !== undefined) batch.push({ name: next.name, path: child });
    }
    const stating = batch.map(async (named) => {
      const stats = await unlessMissing(calls.lstat(directory.at(named.name)));
      return { ...named, entry: await this.#entryOf(directory, named, stats) };
    });
    return { found: await Promise.all(stating) };
  }

  #readSync(directory: OpenDirectory, path: RemotePath): { found: Found[]; calls: number } {
    const startedMs = systemClock();
    const found: Found[] = [];
    let subdirectories = 0;
    let calls = 1;
    const names = this.#namesOf(directory);
    while (found.length < SYNC_BATCH_SIZE && subdirectories < MAX_SUBDIRECTORIES) {
      if (calls > 1 && systemClock() - startedMs >= MAX_SYNC_MS) break;
      calls += 1;
      const next = names.readSync();
      if (!next) {
        this.#ended = true;
        names.closeSync();
        break;
      }
      const child = this.#shown(path, next);
      if (child === undefined) continue;
      const named = { name: next.name, path: child };
      const stats = fs.lstatSync(directory.at(next.name), exactIfAny);
      if (stats?.isDirectory()) subdirectories += 1;
      found.push({ ...named, entry: this.#entryOf(directory, named, stats) });
    }
    return { found, calls };
  }

  #namesOf(directory: OpenDirectory): NamesReader {
    const { calls, directorySizes } = this.#context;
    return (this.#names ??= new NamesReader(calls, directory.self, directorySizes));
  }

  /** The entry of a file or directory; undefined if it was removed or replaced by something of another kind. */
  #entryOf(
    directory: OpenDirectory,
    { name, path }: NamedPath,
    stats: Stats | undefined,
  ): FileEntry | Promise<FileEntry> | undefined {
    if (!stats?.isFile() && !stats?.isDirectory()) return undefined;
    return this.#context.versions.entry(path, stats, directory.at(name));
  }

  /** The path of a name that a listing shows. */
  #shown(directory: RemotePath, found: Dirent): RemotePath | undefined {
    this.#options.onProgress?.();
    if (!found.isFile() && !found.isDirectory()) return undefined;
    if (isPrivateName(found.name)) {
      if (isTemporaryName(found.name)) this.#context.parts.noteTemporary(directory, found.name);
      else this.#context.parts.noteFolder(directory);
      return undefined;
    }
    const path = this.#listablePath(directory, found.name);
    if (path === undefined) this.#options.onOmitted?.(directory);
    return path;
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
