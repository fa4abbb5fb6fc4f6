/**
 * The private folder, where files are written before they are renamed to their paths. It is inside the root, because a
 * rename works only within one device. It is created for the first file, and `close` removes it if it is empty.
 *
 *     <32 digits>.part   the bytes of an upload; stays when the upload is suspended
 *     <32 digits>.done   the record of its commit (`commit-record.ts`)
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import { PartFolderHandle, type FolderLease } from './part-folder-handle.js';
import { PartSweep, type PartLimits } from './part-sweep.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import { CommitRecordFilter } from './commit-record-filter.js';
import type { PathResolver } from '../walk/path-resolver.js';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The flags that create a part file. Writes go to its end, also after a copy has filled it. */
export const NEW_PART_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;

/** One attempt may find no folder, one an older part file; the third must succeed. */
const MAX_ATTEMPTS = 3;

/** The paths of one upload's files for system calls, which must not follow a link there. Valid until `release`. */
interface PartPaths {
  readonly name: string;
  readonly lease: FolderLease;
  readonly path: string;
  readonly recordPath: string;
}

/** An open part file, used exclusively until `release`. */
export interface Part extends PartPaths {
  readonly fd: number;
}

interface PartCreation {
  /** Permission bits. */
  readonly mode: number;
  /** Whether an earlier upload of this name may have left a record. */
  readonly mayHaveRecord: boolean;
}

/** The name of a resumable upload. It depends on the path too, so that an id works for one path only. */
export function partName(uploadId: string, path: RemotePath): string {
  return createHash('sha256').update(`${path}\n${uploadId}`).digest('hex').slice(0, 32);
}

export class PartFolder {
  readonly #calls: FileCalls;
  readonly #resolver: PathResolver;
  readonly #folder: PartFolderHandle;
  readonly #sweep: PartSweep;
  /** The names of uploads that this storage works with. */
  readonly #inUse = new Set<string>();
  readonly #records = new CommitRecordFilter();
  #creation: Promise<void> | undefined;
  /** Whether `#creation` has resolved, so that most calls need not wait for it. */
  #isReady = false;

  constructor(calls: FileCalls, resolver: PathResolver, limits: PartLimits) {
    this.#calls = calls;
    this.#resolver = resolver;
    this.#folder = new PartFolderHandle(resolver);
    const context = { folder: this.#folder, inUse: this.#inUse, limits, records: this.#records };
    this.#sweep = new PartSweep(calls, context);
  }

  /**
   * Creates an empty part file with these permission bits (less the umask), replacing an older one of the same name.
   * EBUSY if the name is in use. The caller closes, removes and releases the part.
   */
  async create(mode: number, resumableName?: string): Promise<Part> {
    const name = resumableName ?? randomName();
    const removing = this.#sweep.removing(name);
    if (removing) await removing;
    this.#acquire(name);
    try {
      await this.#prepare();
      const mayHaveRecord = resumableName !== undefined && this.#records.has(name);
      return await this.#create(name, { mode, mayHaveRecord });
    } catch (error) {
      this.#inUse.delete(name);
      throw error;
    }
  }

  /** Calls `work` with the path of a new part file that exists only within one synchronous call sequence. */
  async withPath<T>(work: (partPath: string) => Promise<T>): Promise<T> {
    await this.#prepare();
    const lease = await this.#folder.acquire();
    try {
      return await work(pathsOf(randomName(), lease).path);
    } finally {
      await lease.release();
    }
  }

  /**
   * Opens an existing part file for appending; `fd` is undefined if it is missing. EBUSY if the name is in use. The
   * caller releases the result. Resolves with undefined if there is no folder.
   */
  async reopen(name: string): Promise<(PartPaths & { fd: number | undefined }) | undefined> {
    await this.#sweep.removing(name);
    this.#acquire(name);
    let lease: FolderLease | undefined;
    try {
      lease = await unlessMissing(this.#folder.acquire());
      if (lease) return await this.#reopenIn(pathsOf(name, lease));
    } catch (error) {
      await lease?.release();
      this.#inUse.delete(name);
      throw error;
    }
    this.#inUse.delete(name);
    return undefined;
  }

  /** Ends the exclusive use of a name. */
  release({ name, lease }: PartPaths): Promise<void> {
    this.#inUse.delete(name);
    return lease.release();
  }

  /** A record of this name is about to be written. */
  noteRecord(name: string): void {
    this.#records.add(name);
  }

  /** Counts a file that stays in the folder after its release, and removes old ones if there are too many. */
  countKept(kind: 'part' | 'record'): Promise<void> {
    return this.#sweep.count(kind);
  }

  /** Whether an upload with this last change can no longer be resumed. */
  isExpired(changedMs: bigint): boolean {
    return this.#sweep.isExpired(changedMs);
  }

  /** Removes the folder if this storage has used it and it is empty. */
  async close(): Promise<void> {
    const creation = this.#creation;
    this.#resetCreation();
    try {
      await this.#sweep.settled();
      await creation;
      if (creation) await this.#calls.rmdir((await this.#resolver.root()).at(PRIVATE_FOLDER));
    } catch {
      // The folder holds files of another process, suspended uploads, or files for the next sweep.
    }
  }

  #acquire(name: string): void {
    if (this.#inUse.has(name)) throw new TransferError('EBUSY', 'Another request writes this upload.');
    this.#inUse.add(name);
  }

  // One function with few awaits: each await takes time, and every small upload runs through this.
  async #create(name: string, { mode, mayHaveRecord }: PartCreation): Promise<Part> {
    for (let attempt = 1; ; attempt++) {
      let lease: FolderLease | undefined;
      try {
        lease = await this.#folder.acquire();
        const { path, recordPath } = pathsOf(name, lease);
        // A failed `unlink` would cost more than this `lstat`.
        if (mayHaveRecord && (await this.#calls.lstatIfAny(recordPath))) {
          await unlessMissing(this.#calls.unlink(recordPath, 0));
        }
        return { name, lease, path, recordPath, fd: await this.#calls.open(path, NEW_PART_FLAGS, mode) };
      } catch (error) {
        await this.#recover(error, lease && pathsOf(name, lease));
        if (attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Removes the cause of a failed attempt; rethrows the error if that is not possible. */
  async #recover(error: unknown, paths: PartPaths | undefined): Promise<void> {
    try {
      if (hasErrno(error, 'ENOENT')) return await this.#recreateFolder();
      if (!paths || !hasErrno(error, 'EEXIST')) throw error;
      await unlessMissing(this.#calls.unlink(paths.path));
    } finally {
      await paths?.lease.release();
    }
  }

  /** Another process may have removed the empty folder when it closed its storage. */
  #recreateFolder(): Promise<void> {
    this.#folder.invalidate();
    this.#resetCreation();
    return this.#ensureFolder();
  }

  async #reopenIn(paths: PartPaths): Promise<PartPaths & { fd: number | undefined }> {
    const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const fd = await unlessMissing(this.#calls.open(paths.path, flags, 0));
    // Another process may have written a record for this name.
    this.#records.add(paths.name);
    if (fd !== undefined) this.#sweep.uncount();
    return { ...paths, fd };
  }

  /** Creates the folder, and sweeps it, if need be. */
  async #prepare(): Promise<void> {
    if (!this.#isReady) await this.#ensureFolder();
    if (this.#sweep.isDue) await this.#sweep.run();
  }

  async #ensureFolder(): Promise<void> {
    this.#creation ??= this.#makeFolder();
    const creation = this.#creation;
    try {
      await creation;
      this.#isReady = this.#creation === creation;
    } catch (error) {
      if (this.#creation === creation) this.#resetCreation();
      throw error;
    }
  }

  #resetCreation(): void {
    this.#creation = undefined;
    this.#isReady = false;
  }

  async #makeFolder(): Promise<void> {
    const root = await this.#resolver.root();
    try {
      await this.#calls.mkdir(root.at(PRIVATE_FOLDER), 0o700);
      this.#sweep.begin();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }
}

function randomName(): string {
  return randomUUID().replaceAll('-', '');
}

function pathsOf(name: string, lease: FolderLease): PartPaths {
  const { folder } = lease;
  return { name, lease, path: folder.at(`${name}.part`), recordPath: folder.at(`${name}.done`) };
}
