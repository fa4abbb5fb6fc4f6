/**
 * The private folders, where files are written before they are renamed to their paths. Each directory has its own, so
 * that a new file gets the group, the access control list, the quota and the device that it would get if it were created
 * in the directory. A folder is created for the first file, and removed when it is empty and unused.
 *
 *     <directory>/.socket-ftp/<32 digits>.part   the bytes of an upload; stays when the upload is suspended
 *     <directory>/.socket-ftp/<32 digits>.done   the record of its commit (`commit-record.ts`)
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { untrustedError } from './check-trusted.js';
import { CommitRecordFilter } from './commit-record-filter.js';
import { creationError, FolderHandles, type FolderLease } from './folder-handles.js';
import type { KeptKind } from './known-folder.js';
import { KnownFolders, type FolderAccess } from './known-folders.js';
import { PartSweep, type PartLimits } from './part-sweep.js';
import { TemporarySweep } from './temporary-sweep.js';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, W_OK, X_OK } = constants;

/** Writes go to the end of a part file, also after a copy has filled it. */
const NEW_PART_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;

/** One attempt may find no folder, one an older part file; the third must succeed. */
const MAX_ATTEMPTS = 3;

/** The directory of a file, open, and its path. */
export interface FileDirectory {
  readonly directory: OpenDirectory;
  readonly path: RemotePath;
}

/** The paths of one upload's files for system calls, which must not follow a link there. Valid until `release`. */
export interface PartPaths {
  readonly name: string;
  readonly lease: FolderLease;
  readonly path: string;
  readonly recordPath: string;
}

/** An open part file, used exclusively until `release`. */
export interface Part extends PartPaths {
  readonly fd: number;
}

interface NewPart {
  /** Permission bits, less the umask. */
  readonly mode: number;
  /** The name of a resumable upload; a part file of this name is replaced. */
  readonly resumableName?: string | undefined;
}

/** The name of a resumable upload. It depends on the path too, so that an id works for one path only. */
export function partName(uploadId: string, path: RemotePath): string {
  return createHash('sha256').update(`${path}\n${uploadId}`).digest('hex').slice(0, 32);
}

export class PartFolders {
  readonly #calls: FileCalls;
  readonly #folders: KnownFolders;
  readonly #handles: FolderHandles;
  readonly #sweep: PartSweep;
  readonly #temporarySweep: TemporarySweep;
  /** The names of uploads that this storage works with. */
  readonly #inUse = new Set<string>();
  readonly #records = new CommitRecordFilter();
  #hasWritten = false;

  constructor(access: FolderAccess, limits: PartLimits) {
    const { calls, resolver } = access;
    this.#calls = calls;
    this.#folders = new KnownFolders(access);
    this.#handles = new FolderHandles(calls);
    const folders = this.#folders;
    this.#temporarySweep = new TemporarySweep(calls, resolver);
    const shared = { inUse: this.#inUse, limits, records: this.#records };
    this.#sweep = new PartSweep({ calls, resolver, folders, ...shared });
  }

  /**
   * Creates an empty part file for a file in a directory. EBUSY if the name is in use; EACCES if the directory may not be
   * written. The caller closes, removes and releases the part.
   */
  async create(parent: FileDirectory, part: NewPart): Promise<Part> {
    const name = part.resumableName ?? randomName();
    const removing = this.#sweep.removing(name);
    if (removing) await removing;
    this.#claim(name);
    try {
      return await this.#create(parent, name, part);
    } catch (error) {
      this.#inUse.delete(name);
      throw error;
    }
  }

  /**
   * Opens an existing part file for appending; `fd` is undefined if it is missing. EBUSY if the name is in use. The
   * caller releases the result. Resolves with undefined if there is no folder.
   */
  async reopen(
    { directory, path }: FileDirectory,
    name: string,
  ): Promise<(PartPaths & { fd: number | undefined }) | undefined> {
    await this.#sweep.removing(name);
    this.#claim(name);
    const known = this.#folders.in(path);
    this.#folders.adopt(known);
    let lease: FolderLease | undefined;
    try {
      lease = await this.#handles.find(known, directory);
      if (lease) return await this.#reopenIn(pathsOf(name, lease));
    } catch (error) {
      if (lease) await this.#handles.release(lease);
      this.#inUse.delete(name);
      throw error;
    } finally {
      this.#folders.noteUse(known);
    }
    this.#inUse.delete(name);
    return undefined;
  }

  /** Calls `work` with the paths of an upload, which may be in use; undefined if there is no folder. */
  async peek<T>(
    { directory, path }: FileDirectory,
    name: string,
    work: (paths: PartPaths) => Promise<T>,
  ): Promise<T | undefined> {
    const known = this.#folders.in(path);
    this.#folders.noteUse(known);
    const lease = await this.#handles.find(known, directory);
    if (!lease) return undefined;
    try {
      return await work(pathsOf(name, lease));
    } finally {
      await this.#handles.release(lease);
    }
  }

  /** Ends the exclusive use of a name. */
  release({ name, lease }: PartPaths): Promise<void> {
    this.#inUse.delete(name);
    return this.#releaseFolder(lease);
  }

  /** A record of this name is about to be written. */
  noteRecord(name: string): void {
    this.#records.add(name);
  }

  /** The storage has written a file without a part. */
  noteWrite(): void {
    this.#hasWritten = true;
  }

  /** A listing has found the private folder in a directory: it is swept soon, unless this storage writes nothing. */
  noteFolder(directory: RemotePath): void {
    if (!this.#hasWritten) return;
    const known = this.#folders.in(directory);
    this.#folders.noteUse(known);
    this.#sweep.runSoon(known);
  }

  /** A listing has found a temporary file: it is removed if it is old, unless this storage writes nothing. */
  noteTemporary(directory: RemotePath, name: string): void {
    if (this.#hasWritten) this.#temporarySweep.note(directory, name);
  }

  /** A directory was removed, or renamed to `to`. */
  directoryMoved(from: RemotePath, to?: RemotePath): void {
    this.#folders.directoryMoved(from, to);
  }

  /** Counts a file that stays after the release of its part, and removes old ones if there are too many. */
  countKept(kind: KeptKind, { lease }: PartPaths): Promise<void> {
    return this.#sweep.count(lease.known, kind);
  }

  /** Milliseconds until an upload with this last change can no longer be resumed. */
  expiresInMs(changedMs: bigint): number {
    return this.#sweep.expiresInMs(changedMs);
  }

  /** Whether an upload with this last change can no longer be resumed. */
  isExpired(changedMs: bigint): boolean {
    return this.#sweep.isExpired(changedMs);
  }

  /** Removes the folders that this storage has used, if they are empty. */
  async close(): Promise<void> {
    await Promise.all([this.#sweep.settled(), this.#temporarySweep.settled()]);
    await this.#folders.close();
  }

  #claim(name: string): void {
    if (this.#inUse.has(name)) throw new TransferError('EBUSY', 'Another request writes this upload.');
    this.#inUse.add(name);
  }

  /** Opens the folder of a directory, and creates and sweeps it, if need be. */
  async #acquire({ directory, path }: FileDirectory): Promise<FolderLease> {
    this.#hasWritten = true;
    const known = this.#folders.in(path);
    this.#folders.adopt(known);
    this.#folders.noteUse(known);
    const lease = await this.#handles.acquire(known, directory);
    if (this.#sweep.isDue(known)) await this.#sweep.run(known);
    return lease;
  }

  #releaseFolder(lease: FolderLease): Promise<void> {
    this.#folders.noteUse(lease.known);
    return this.#handles.release(lease);
  }

  // One function with few awaits: each await takes time, and every small upload runs through this.
  async #create(parent: FileDirectory, name: string, { mode, resumableName }: NewPart): Promise<Part> {
    for (let attempt = 1; ; attempt++) {
      const lease = await this.#acquire(parent);
      const paths = pathsOf(name, lease);
      try {
        await this.#checkWritable(parent);
        if (resumableName !== undefined) await this.#removeRecord(paths);
        return { ...paths, fd: await this.#open(paths.path, mode) };
      } catch (error) {
        await this.#recover(error, paths);
        if (attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  async #open(path: string, mode: number): Promise<number> {
    try {
      return await this.#calls.open(path, NEW_PART_FLAGS, mode);
    } catch (cause) {
      if (!hasErrno(cause, 'EACCES', 'EPERM')) throw cause;
      throw untrustedError(cause);
    }
  }

  /** Refuses an upload before its first byte if the rename at its end is not allowed. */
  async #checkWritable({ directory }: FileDirectory): Promise<void> {
    if (!hasOneUser()) return;
    try {
      await this.#calls.access(directory.self, W_OK | X_OK);
    } catch (error) {
      throw creationError(error);
    }
  }

  /** Removes the record that an earlier upload of this name may have left. */
  async #removeRecord({ name, lease, recordPath }: PartPaths): Promise<void> {
    if (lease.known.hasAllRecords && !this.#records.has(name)) return;
    // A failed `unlink` would cost more than this `lstat`.
    if (!(await this.#calls.lstatIfAny(recordPath))) return;
    await unlessMissing(this.#calls.unlink(recordPath, 0));
  }

  /** Removes the cause of a failed attempt; rethrows the error if that is not possible. */
  async #recover(error: unknown, { path, lease }: PartPaths): Promise<void> {
    try {
      if (hasErrno(error, 'EEXIST')) return await unlessMissing(this.#calls.unlink(path));
      if (!hasErrno(error, 'ENOENT')) throw error;
      // Another process may have removed the empty folder; the next attempt creates it.
      lease.known.shared = undefined;
    } finally {
      await this.#releaseFolder(lease);
    }
  }

  async #reopenIn(paths: PartPaths): Promise<PartPaths & { fd: number | undefined }> {
    const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const fd = await unlessMissing(this.#calls.open(paths.path, flags, 0));
    // Another process may have written a record for this name.
    this.#records.add(paths.name);
    if (fd !== undefined) this.#folders.count(paths.lease.known, 'part', -1);
    return { ...paths, fd };
  }
}

/** Whether `access`, which asks for the real user, gives the answer for the effective one. Windows has neither. */
function hasOneUser(): boolean {
  const { getuid, geteuid, getgid, getegid } = process;
  return getuid !== undefined && getuid() === geteuid?.() && getgid?.() === getegid?.();
}

function randomName(): string {
  return randomUUID().replaceAll('-', '');
}

function pathsOf(name: string, lease: FolderLease): PartPaths {
  const { folder } = lease;
  return { name, lease, path: folder.at(`${name}.part`), recordPath: folder.at(`${name}.done`) };
}
