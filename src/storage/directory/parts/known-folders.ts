/**
 * The private folders that a storage has used, until they are removed again: a folder without a use for a few seconds is
 * removed if it is empty. Folders with files that stay are known as long as the files are.
 */
import { hasErrno } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { PathResolver } from '../walk/path-resolver.js';
import type { PathLocks } from '../path-locks.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import { keepingTime } from './keeping-time.js';
import { KnownFolder, type KeptKind } from './known-folder.js';
import { clearTimeout, setTimeout } from '../../../clock.js';

/** An unused folder is removed after one to two times this long. */
const UNUSED_MS = 5_000;

/** What private folders are found and changed with. */
export interface FolderAccess {
  readonly calls: FileCalls;
  readonly resolver: PathResolver;
  readonly locks: PathLocks;
}

export class KnownFolders {
  /** The kept files in all folders that the storage has used. */
  readonly kept = { part: 0, record: 0 };
  readonly #calls: FileCalls;
  readonly #resolver: PathResolver;
  readonly #locks: PathLocks;
  readonly #byDirectory = new Map<RemotePath, KnownFolder>();
  /** Those that may be empty. */
  readonly #candidates = new Set<KnownFolder>();
  #timer: NodeJS.Timeout | undefined;
  #removing: Promise<void> | undefined;

  constructor({ calls, resolver, locks }: FolderAccess) {
    this.#calls = calls;
    this.#resolver = resolver;
    this.#locks = locks;
  }

  /** The folder in a directory, whether it exists or not. */
  in(directory: RemotePath): KnownFolder {
    const found = this.#byDirectory.get(directory);
    if (found) return found;
    const known = new KnownFolder(directory);
    this.#byDirectory.set(directory, known);
    return known;
  }

  all(): KnownFolder[] {
    return [...this.#byDirectory.values()];
  }

  count(known: KnownFolder, kind: KeptKind, added: number): void {
    const count = Math.max(0, known.kept[kind] + added);
    // The files of a folder that is no longer known do not count.
    if (known.isOwn && this.#byDirectory.get(known.directory) === known)
      this.kept[kind] += count - known.kept[kind];
    known.kept[kind] = count;
  }

  /** An upload uses a folder, whose files count from now on. */
  adopt(known: KnownFolder): void {
    if (known.isOwn) return;
    known.isOwn = true;
    for (const kind of ['part', 'record'] as const) this.kept[kind] += known.kept[kind];
  }

  /** An operation has used a folder: it is removed later if it is empty then. */
  noteUse(known: KnownFolder): void {
    known.wasUsed = true;
    this.#candidates.add(known);
    this.#timer ??= setTimeout(() => this.#removeUnused(), UNUSED_MS).unref();
  }

  /** A directory was removed, or has the path `to` now. */
  directoryMoved(from: RemotePath, to?: RemotePath): void {
    for (const known of this.all()) {
      const { directory, kept } = known;
      if (directory !== from && !directory.startsWith(`${from}/`)) continue;
      this.#forget(known);
      if (to === undefined) continue;
      // A directory that was renamed to a checked path has a checked path.
      const moved = this.in(`${to}${directory.slice(from.length)}` as RemotePath);
      if (known.isOwn) this.adopt(moved);
      for (const kind of ['part', 'record'] as const) this.count(moved, kind, kept[kind]);
      this.noteUse(moved);
    }
  }

  /** Removes all folders that are empty. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#removing;
    for (const known of this.all()) await this.#removeIfEmpty(known);
  }

  #removeUnused(): void {
    this.#timer = undefined;
    const unused: KnownFolder[] = [];
    for (const known of this.#candidates) {
      if (known.users === 0 && !known.wasUsed) unused.push(known);
      known.wasUsed = false;
    }
    if (unused.length < this.#candidates.size) {
      this.#timer = setTimeout(() => this.#removeUnused(), UNUSED_MS).unref();
    }
    const before = this.#removing;
    const removing = this.#removeAll(unused, before).finally(() => {
      if (this.#removing === removing) this.#removing = undefined;
    });
    this.#removing = removing;
  }

  async #removeAll(unused: readonly KnownFolder[], before: Promise<void> | undefined): Promise<void> {
    await before;
    for (const known of unused) if (known.users === 0) await this.#removeIfEmpty(known);
  }

  async #removeIfEmpty(known: KnownFolder): Promise<void> {
    this.#candidates.delete(known);
    if (this.#byDirectory.get(known.directory) !== known) return;
    try {
      // A client that sets the time of the directory meanwhile waits, and its time stays.
      await this.#locks.hold([known.directory], () =>
        this.#resolver.inDirectory(known.directory, (directory) =>
          keepingTime(this.#calls, directory, () => this.#calls.rmdir(directory.at(PRIVATE_FOLDER))),
        ),
      );
    } catch (error) {
      // It holds files of another process, suspended uploads, or files for the next sweep.
      const isMissing = hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP');
      if (!isMissing && known.kept.part + known.kept.record > 0) return;
    }
    if (known.users === 0) this.#forget(known);
  }

  #forget(known: KnownFolder): void {
    if (this.#byDirectory.get(known.directory) !== known) return;
    if (known.isOwn) for (const kind of ['part', 'record'] as const) this.kept[kind] -= known.kept[kind];
    this.#byDirectory.delete(known.directory);
    this.#candidates.delete(known);
    known.shared = undefined;
  }
}
