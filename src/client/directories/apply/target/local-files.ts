/**
 * Writes files below a local root. A file is written in the staging directory, and then renamed to its name.
 *
 *     create: staging/17 -> bytes, times, permission bits -> close -> target as planned? -> backup -> rename
 */
import nodeFs, { type Stats } from 'node:fs';
import path from 'node:path';
import { hasErrno, lacksHardLinks, unlessMissing } from '../../../../fs/errno.js';
import { fileTime } from '../../../../fs/file-time.js';
import { isPartialDownload } from '../../../local/partial-download/part-names.js';
import { LocalMountCache } from '../../../../sync-fs/local-mount-cache.js';
import { SyncCallGate } from '../../../../sync-fs/sync-call-gate.js';
import { TickBudget } from '../../../../sync-fs/tick-budget.js';
import { systemClock } from '../../../../clock.js';
import type { SyncVersion } from '../../sync-action.js';
import { asyncCalls, syncCalls, type FileCalls } from './file-calls.js';
import { fsPath } from './named-place.js';
import { OpenDirectories, splitPath, type OpenDirectory } from './open-directories.js';
import { Staging } from './staging-directory.js';
import { writeAll } from './write-all.js';
import {
  assertPlanned,
  NEW_FILE_FLAGS,
  NEW_FILE_MODE,
  PERMISSION_BITS,
  writeSmallFile,
  type FilePlan,
} from './write-small-file.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;

/** An entry of the root: the open directory that has it, its path, and its stats. */
export interface LocalEntry {
  readonly directory: OpenDirectory;
  readonly path: string;
  readonly stats: Stats | undefined;
}

export class LocalFiles {
  readonly root: string;
  readonly #flush: boolean;
  readonly #backupDirectory: string | undefined;
  readonly #directories: OpenDirectories;
  readonly #gate = new SyncCallGate();
  readonly #tickBudget = new TickBudget();
  readonly #isLocal: boolean;
  readonly #staging: Staging;

  private constructor(root: string, isLocal: boolean, rules: LocalFileRules) {
    this.root = root;
    this.#flush = rules.flush;
    this.#backupDirectory = rules.backupDirectory;
    this.#isLocal = isLocal;
    this.#staging = new Staging(root);
    this.#directories = new OpenDirectories(root, () => this.#calls);
  }

  /** Opens a root, which is created if it is missing. */
  static async open(root: string, rules: LocalFileRules): Promise<LocalFiles> {
    await nodeFs.promises.mkdir(root, { recursive: true });
    const realRoot = await nodeFs.promises.realpath(root);
    const isLocal =
      rules.fileCalls !== 'threads' && (await new LocalMountCache().has(`${realRoot}${path.sep}`));
    return new LocalFiles(realRoot, isLocal, rules);
  }

  /** Does work with an entry below the root; the directories above are no symbolic links. */
  use<Value>(below: string, work: (entry: LocalEntry) => Promise<Value>): Promise<Value> {
    const { parent, name } = splitPath(below);
    return this.#directories.use(parent, async (directory) => {
      const found = directory.child(name);
      return work({ directory, path: found, stats: await this.#calls.lstat(found) });
    });
  }

  /** The absolute path of an entry, for calls that need one; undefined if it is not UTF-8. `use` has checked its parents. */
  absolute(below: string): string | undefined {
    const absolute = path.join(this.root, below);
    return typeof fsPath(absolute) === 'string' ? absolute : undefined;
  }

  /** Creates a directory; one that exists is accepted. EEXIST for anything else. */
  makeDirectory(below: string): Promise<void> {
    return this.use(below, async ({ path: found, stats }) => {
      if (stats?.isDirectory()) return;
      await this.#calls.mkdir(found);
    });
  }

  /** Creates a directory with those above it. */
  async makeDirectories(below: string): Promise<void> {
    if (below === '') return;
    try {
      await this.makeDirectory(below);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
      await this.makeDirectories(splitPath(below).parent);
      await this.makeDirectory(below);
    }
  }

  /** Writes a file whole. `fill` writes its bytes. EEXIST, ESTALE if the target is not as planned; ENOSPC, ... */
  async create(plan: FilePlan, fill: (fd: number, calls: FileCalls) => Promise<void>): Promise<void> {
    // Several calls for each file.
    while (![1, 2, 3, 4].every(() => this.#tickBudget.take())) await this.#tickBudget.ended();
    const startedMs = systemClock();
    const calls = this.#calls;
    await this.use(plan.path, async (entry) => {
      const mode = plan.mode ?? (entry.stats?.isFile() ? entry.stats.mode : undefined);
      const temporary = await this.#staging.newPath(entry.directory);
      try {
        await this.#write(calls, { ...plan, temporary, mode }, fill);
        await this.#publish(calls, plan, temporary);
      } catch (error) {
        await unlinked(calls, temporary);
        throw error;
      }
    });
    if (calls === syncCalls) this.#gate.record(startedMs);
  }

  /** As `create`, for the bytes of a small file: by one synchronous call sequence, where calls are short. */
  async createSmall(plan: FilePlan, bytes: Uint8Array): Promise<void> {
    if (this.createNow(plan, bytes)) return;
    await this.ready(plan.path);
    if (this.createNow(plan, bytes)) return;
    await this.create(plan, (fd, calls) => writeAll(calls, fd, bytes));
  }

  /** As `createSmall`, without a wait. Returns false if there is one: perhaps not after `ready`. */
  createNow(plan: FilePlan, bytes: Uint8Array): boolean {
    if (!this.#isQuick(plan)) return false;
    const { parent, name } = splitPath(plan.path);
    const directory = this.#directories.opened(parent);
    const temporary = directory && this.#staging.newPathNow(directory);
    if (!directory || temporary === undefined || !this.#tickBudget.take()) return false;
    const names = { temporary, target: directory.child(name) };
    return this.#gate.run(() => writeSmallFile(names, plan, bytes), bytes.length) === true;
  }

  /** Prepares `createNow` for a path: opens its directory, and waits for a tick with time left. */
  async ready(below: string): Promise<void> {
    if (!this.#isLocal) return;
    const { parent } = splitPath(below);
    // If it cannot be opened, creating the file fails with the reason.
    const opening = this.#directories.use(parent, (directory) => this.#staging.newPath(directory));
    await opening.catch(() => undefined);
    for (let full = this.#tickBudget.room(); full; full = this.#tickBudget.room()) await full;
  }

  /** Whether a file can be written by short calls, without a backup. */
  #isQuick({ target }: FilePlan): boolean {
    const keepsNothing = !target || this.#backupDirectory === undefined;
    return this.#isLocal && !this.#flush && keepsNothing;
  }

  /** Moves a file into the backup. */
  async moveToBackup(below: string): Promise<void> {
    await this.#withBackup(below, (from, to) => this.#calls.rename(from, to));
  }

  /** Keeps a file in the backup that is replaced right after; it keeps its name as well, where the system allows that. */
  async keepInBackup(below: string): Promise<void> {
    if (this.#backupDirectory === undefined) return;
    await this.#withBackup(below, async (from, to) => {
      await unlessMissing(nodeFs.promises.unlink(fsPath(to)));
      try {
        await nodeFs.promises.link(fsPath(from), fsPath(to));
      } catch (error) {
        if (!lacksHardLinks(error)) throw error;
        await this.#calls.rename(from, to);
      }
    });
  }

  /** Sets the time and the permission bits of an entry; those that are undefined stay. Follows no symbolic link. */
  async touch(
    { path: found, stats }: LocalEntry,
    { mtimeMs, mode }: Pick<SyncVersion, 'mtimeMs' | 'mode'>,
  ): Promise<void> {
    if (mode !== undefined && stats && (stats.mode & PERMISSION_BITS) !== mode)
      await this.#setMode(found, mode);
    if (mtimeMs !== undefined)
      await nodeFs.promises.lutimes(fsPath(found), new Date(), fileTime(new Date(mtimeMs)));
  }

  async remove({ path: found }: LocalEntry, kind: 'file' | 'directory', below: string): Promise<void> {
    if (kind === 'file') return this.#calls.unlink(found);
    await this.#directories.forget(below);
    try {
      await this.#calls.rmdir(found);
    } catch (error) {
      // What interrupted downloads have left is on neither side of the plan.
      if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST') || !(await removePartialDownloads(found))) throw error;
      await this.#calls.rmdir(found);
    }
  }

  async rename(from: LocalEntry, to: LocalEntry): Promise<void> {
    await this.#calls.rename(from.path, to.path);
  }

  /** Forgets a directory that has another name now. */
  forget(below: string): Promise<void> {
    return this.#directories.forget(below);
  }

  /** As `touch`, for the root. */
  async touchRoot({ mtimeMs, mode }: Pick<SyncVersion, 'mtimeMs' | 'mode'>): Promise<void> {
    // Its removal changes the time of the root.
    await this.#staging.remove();
    if (mode !== undefined) await nodeFs.promises.chmod(this.root, mode);
    if (mtimeMs !== undefined)
      await nodeFs.promises.utimes(this.root, new Date(), fileTime(new Date(mtimeMs)));
  }

  /** Closes all directories, and removes unfinished files. Does not reject. */
  async close(): Promise<void> {
    await this.#staging.remove();
    await this.#directories.close();
  }

  get #calls(): FileCalls {
    return this.#isLocal && this.#gate.allows(systemClock()) ? syncCalls : asyncCalls;
  }

  async #write(
    calls: FileCalls,
    plan: FilePlan & { temporary: string },
    fill: (fd: number, calls: FileCalls) => Promise<void>,
  ): Promise<void> {
    const fd = await calls.open(plan.temporary, NEW_FILE_FLAGS, NEW_FILE_MODE);
    try {
      await fill(fd, calls);
      if (plan.mode !== undefined) await calls.chmod(fd, plan.mode & PERMISSION_BITS);
      if (plan.mtimeMs !== undefined) await calls.utimes(fd, fileTime(new Date(plan.mtimeMs)));
      if (this.#flush) await asyncCalls.sync(fd);
    } finally {
      // Some file systems report a full disk only here.
      await calls.close(fd);
    }
  }

  async #publish(calls: FileCalls, { path: below, target }: FilePlan, temporary: string): Promise<void> {
    await this.use(below, async (entry) => {
      assertPlanned(target, entry.stats);
      if (target) await this.keepInBackup(below);
      await calls.rename(temporary, entry.path);
      const { fd } = entry.directory;
      if (this.#flush && fd !== undefined) await asyncCalls.sync(fd);
    });
  }

  async #withBackup(below: string, move: (from: string, to: string) => Promise<void> | void): Promise<void> {
    const backup = `${this.#backupDirectory}/${below}`;
    await this.makeDirectories(splitPath(backup).parent);
    await this.use(below, (from) => this.use(backup, async (to) => move(from.path, to.path)));
  }

  async #setMode(found: string, mode: number): Promise<void> {
    let fd;
    try {
      fd = await this.#calls.open(found, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (!hasErrno(error, 'EACCES')) throw error;
      // Its owner may not read it; `stats` has shown that it is no link.
      return nodeFs.promises.chmod(fsPath(found), mode);
    }
    try {
      await this.#calls.chmod(fd, mode);
    } finally {
      await this.#calls.close(fd);
    }
  }
}

export interface LocalFileRules {
  readonly flush: boolean;
  readonly backupDirectory: string | undefined;
  readonly fileCalls: 'auto' | 'threads';
}

async function unlinked(calls: FileCalls, temporary: string): Promise<void> {
  try {
    await calls.unlink(temporary);
  } catch {
    // It was not created, or is renamed.
  }
}

/** Removes the parts and notes of a directory that has nothing else. Returns whether that is so. */
async function removePartialDownloads(directory: string): Promise<boolean> {
  const names = await nodeFs.promises.readdir(fsPath(directory));
  if (!names.every((name) => isPartialDownload(name))) return false;
  for (const name of names) await unlessMissing(nodeFs.promises.unlink(fsPath(`${directory}/${name}`)));
  return true;
}
