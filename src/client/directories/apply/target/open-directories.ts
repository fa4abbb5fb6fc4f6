/**
 * Opens directories below a root without following symbolic links, so that no path of a server leads out of the root, also if
 * another program exchanges a directory for a link meanwhile.
 *
 *     'a/b' -> open root -> open 'a' in it, no link -> open 'b' in that -> /proc/self/fd/23/ + name
 *     systems without /proc/self/fd: lstat of each name, and then the path
 */
import fs, { type Stats } from 'node:fs';
import path from 'node:path';
import { TransferError } from '../../../../errors.js';
import { hasErrno } from '../../../../fs/errno.js';
import type { FileCalls } from './file-calls.js';

/** Open directories. The plan goes through the tree, so that few are in use at a time. */
const MAX_OPEN = 64;

const FLAGS = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;

/** A directory in use. */
export interface OpenDirectory {
  /** A descriptor of the directory; undefined where names cannot be looked up in one. */
  readonly fd: number | undefined;
  /** Whether files of the root can be renamed into the directory. */
  readonly isOnRootDevice: boolean;
  /** The path of a name in the directory. */
  child(name: string): string;
}

interface Entry {
  readonly opening: Promise<OpenDirectory>;
  /** What `opening` has opened. */
  opened?: OpenDirectory;
  users: number;
  /** Whether it is closed when it has no user any more. */
  isStale: boolean;
}

export class OpenDirectories {
  readonly #root: string;
  readonly #calls: () => FileCalls;
  readonly #entries = new Map<string, Entry>();
  readonly #usesDescriptors = hasDescriptorPaths();
  #device: number | undefined;

  /** @param root - an absolute path without symbolic links */
  constructor(root: string, calls: () => FileCalls) {
    this.#root = root;
    this.#calls = calls;
  }

  /** Does work in a directory, by its path below the root. ENOENT; ELOOP for a symbolic link, ENOTDIR for a file. */
  async use<Value>(directory: string, work: (place: OpenDirectory) => Promise<Value>): Promise<Value> {
    // Counted before the first wait: otherwise the descriptor could be closed, and be that of another directory.
    const entry = this.#entries.get(directory) ?? this.#begin(directory);
    entry.users += 1;
    try {
      return await work(await entry.opening);
    } finally {
      entry.users -= 1;
      await this.#closeUnused(entry);
    }
  }

  /** A directory that is open; it stays open until the end of the tick. */
  opened(directory: string): OpenDirectory | undefined {
    return this.#entries.get(directory)?.opened;
  }

  /** Forgets a directory and those below, because it was renamed or removed. */
  async forget(directory: string): Promise<void> {
    for (const [known, entry] of this.#entries)
      if (known === directory || known.startsWith(`${directory}/`)) await this.#drop(known, entry);
  }

  /** Closes all directories. */
  async close(): Promise<void> {
    for (const [known, entry] of this.#entries) await this.#drop(known, entry);
  }

  #begin(directory: string): Entry {
    const entry: Entry = { opening: this.#open(directory), users: 0, isStale: !this.#usesDescriptors };
    // Without descriptors, a directory is checked each time.
    if (entry.isStale) return entry;
    for (const [known, { users }] of this.#entries) {
      if (this.#entries.size < MAX_OPEN) break;
      if (users === 0) void this.#drop(known, this.#entries.get(known));
    }
    this.#entries.set(directory, entry);
    entry.opening.then(
      (opened) => (entry.opened = opened),
      () => void this.#drop(directory, entry),
    );
    return entry;
  }

  async #open(directory: string): Promise<OpenDirectory> {
    if (directory === '') return this.#opened(this.#root);
    const { parent, name } = splitPath(directory);
    return this.use(parent, (place) => this.#opened(place.child(name)));
  }

  async #opened(found: string): Promise<OpenDirectory> {
    const calls = this.#calls();
    if (this.#usesDescriptors) {
      const fd = await opened(calls, found);
      const child: OpenDirectory['child'] = (name) => `/proc/self/fd/${fd}/${name}`;
      return { fd, child, isOnRootDevice: this.#isOnRootDevice(await calls.lstat(child('.'))) };
    }
    const stats = await calls.lstat(found);
    if (!stats) throw new TransferError('ENOENT');
    if (stats.isSymbolicLink()) throw new TransferError('ELOOP');
    if (!stats.isDirectory()) throw new TransferError('ENOTDIR');
    const isOnRootDevice = this.#isOnRootDevice(stats);
    return { fd: undefined, isOnRootDevice, child: (name) => `${found}${path.sep}${name}` };
  }

  /** The root is the first directory that is opened. */
  #isOnRootDevice(stats: Stats | undefined): boolean {
    this.#device ??= stats?.dev;
    return stats?.dev === this.#device;
  }

  async #drop(known: string, entry: Entry | undefined): Promise<void> {
    if (!entry || this.#entries.get(known) !== entry) return;
    this.#entries.delete(known);
    entry.isStale = true;
    await this.#closeUnused(entry);
  }

  async #closeUnused(entry: Entry): Promise<void> {
    if (entry.users > 0 || !entry.isStale) return;
    // No user can come any more.
    entry.isStale = false;
    try {
      const { fd } = await entry.opening;
      if (fd !== undefined) await this.#calls().close(fd);
    } catch {
      // It could not be opened, or has nothing to lose.
    }
  }
}

/** The parent directory and the name of a path below a root. */
export function splitPath(below: string): { parent: string; name: string } {
  const slash = below.lastIndexOf('/');
  return { parent: slash < 0 ? '' : below.slice(0, slash), name: below.slice(slash + 1) };
}

async function opened(calls: FileCalls, found: string): Promise<number> {
  try {
    return await calls.open(found, FLAGS);
  } catch (error) {
    if (!hasErrno(error, 'ENOTDIR')) throw error;
    // Linux reports a link as ENOTDIR, too.
    const stats = await calls.lstat(found);
    throw stats?.isSymbolicLink() ? new TransferError('ELOOP', undefined, { cause: error }) : error;
  }
}

/** Whether a name can be looked up in an open directory. */
function hasDescriptorPaths(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return fs.statSync('/proc/self/fd/').isDirectory();
  } catch {
    return false;
  }
}
