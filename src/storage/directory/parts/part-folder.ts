/**
 * The private folder, where files are written before they get their names: in the root, so that a name can be given
 * by a rename. It is made for the first file, and goes when the storage is closed if nothing is in it.
 *
 *     <32 digits>.part   what is written; stays when it is suspended
 *     <32 digits>.done   that it was committed (`commit-record.ts`)
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls } from '../calls/file-calls.js';
import { PartFolderHandle, type FolderHold } from './part-folder-handle.js';
import { PartSweep, type PartBounds } from './part-sweep.js';
import { PRIVATE_FOLDER } from '../walk/private-folder.js';
import { CommitRecordFilter } from './commit-record-filter.js';
import type { PathResolver } from '../walk/path-resolver.js';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** How a new part is opened. Writes go to its end, also after the bytes that a copy has put there. */
export const NEW_PART = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Without a folder, with something of the part's name, and without either. */
const MAX_ATTEMPTS = 3;

/** What system calls take for the files of one name, until it is released. They must not follow a link there. */
interface Places {
  readonly name: string;
  /** Of the folder that the paths lead through. */
  readonly hold: FolderHold;
  readonly path: string;
  /** Where it is recorded that the part was committed. */
  readonly recordPath: string;
}

/** A file of the private folder that is open, and nobody else's as long as it is not released. */
export interface Part extends Places {
  readonly fd: number;
}

interface Creation {
  /** Permission bits. */
  readonly mode: number;
  /** Whether there may be a record of an earlier part of this name. */
  readonly hasRecord: boolean;
}

/** What a part is called that can be gone on with: by its id, and by its path, so that it is of no use for another. */
export function partName(uploadId: string, path: RemotePath): string {
  return createHash('sha256').update(`${path}\n${uploadId}`).digest('hex').slice(0, 32);
}

export class PartFolder {
  readonly #calls: FileCalls;
  readonly #tree: PathResolver;
  readonly #folder: PartFolderHandle;
  readonly #sweep: PartSweep;
  /** The names of parts that this storage works with. */
  readonly #live = new Set<string>();
  readonly #records = new CommitRecordFilter();
  #ready: Promise<void> | undefined;
  /** Whether that has resolved: most who want to know need not wait. */
  #isReady = false;

  constructor(calls: FileCalls, tree: PathResolver, bounds: PartBounds) {
    this.#calls = calls;
    this.#tree = tree;
    this.#folder = new PartFolderHandle(tree);
    const place = { folder: this.#folder, live: this.#live, bounds, records: this.#records };
    this.#sweep = new PartSweep(calls, place);
  }

  /**
   * A new, empty part with these permission bits, less those that the process masks. What has its name already is
   * thrown away; EBUSY if it is in use. The caller closes, removes and releases it.
   */
  async create(mode: number, name?: string): Promise<Part> {
    const claimed = name ?? newName();
    const removing = this.#sweep.removing(claimed);
    if (removing) await removing;
    this.#claim(claimed);
    try {
      if (!this.#isReady) await this.#prepare();
      if (this.#sweep.isDue) await this.#sweep.run();
      return await this.#create(claimed, { mode, hasRecord: name !== undefined && this.#records.has(name) });
    } catch (error) {
      this.#live.delete(claimed);
      throw error;
    }
  }

  /** Works in the folder with a part that is there for the time of one call only, so that nobody else can meet it. */
  async within<T>(work: (newPart: string) => Promise<T>): Promise<T> {
    if (!this.#isReady) await this.#prepare();
    if (this.#sweep.isDue) await this.#sweep.run();
    const hold = await this.#folder.hold();
    try {
      return await work(placesOf(newName(), hold).path);
    } finally {
      await hold.release();
    }
  }

  /**
   * Opens a part that is there, to append to it; the caller releases it in any case, unless there is no folder. EBUSY if
   * it is in use.
   */
  async reopen(name: string): Promise<(Places & { fd: number | undefined }) | undefined> {
    await this.#sweep.removing(name);
    this.#claim(name);
    let hold: FolderHold | undefined;
    try {
      hold = await unlessMissing(this.#folder.hold());
      if (hold) return await this.#reopenIn(placesOf(name, hold));
    } catch (error) {
      await hold?.release();
      this.#live.delete(name);
      throw error;
    }
    this.#live.delete(name);
    return undefined;
  }

  /** Others may use the name again. */
  release({ name, hold }: Places): Promise<void> {
    this.#live.delete(name);
    return hold.release();
  }

  /** A record of this name is about to be written. */
  records(name: string): void {
    this.#records.add(name);
  }

  /** Something stays here after its release: a part, or the record of one that was committed. Makes room for it. */
  keeps(kind: 'part' | 'record'): Promise<void> {
    return this.#sweep.count(kind);
  }

  /** Whether something that was last changed then is too old to be gone on with. */
  isExpired(changedMs: bigint): boolean {
    return this.#sweep.isExpired(changedMs);
  }

  /** Removes the folder, if it was used and is empty. */
  async close(): Promise<void> {
    const ready = this.#ready;
    this.#unready();
    try {
      await this.#sweep.settled();
      await ready;
      if (ready) await this.#calls.rmdir((await this.#tree.root()).at(PRIVATE_FOLDER));
    } catch {
      // What is still in it is somebody's: an upload's of another process, one that was suspended, or the next sweep's.
    }
  }

  #claim(name: string): void {
    if (this.#live.has(name)) throw new TransferError('EBUSY', 'The upload is under way.');
    this.#live.add(name);
  }

  // Few functions, for each that waits for another takes its time, and every small file comes this way.
  async #create(name: string, { mode, hasRecord }: Creation): Promise<Part> {
    for (let attempt = 1; ; attempt++) {
      let hold: FolderHold | undefined;
      try {
        hold = await this.#folder.hold();
        const { path, recordPath } = placesOf(name, hold);
        // It may have none, and an error costs more than a look.
        if (hasRecord && (await this.#calls.lstatIfAny(recordPath))) {
          await unlessMissing(this.#calls.unlink(recordPath, 0));
        }
        return { name, hold, path, recordPath, fd: await this.#calls.open(path, NEW_PART, mode) };
      } catch (error) {
        await this.#makeWay(error, hold && placesOf(name, hold));
        if (attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Helps what an attempt has failed for; throws where it cannot. */
  async #makeWay(error: unknown, places: Places | undefined): Promise<void> {
    try {
      if (hasErrno(error, 'ENOENT')) return await this.#makeAgain();
      if (!places || !hasErrno(error, 'EEXIST')) throw error;
      await unlessMissing(this.#calls.unlink(places.path));
    } finally {
      await places?.hold.release();
    }
  }

  /** Another process may have closed its storage and taken the empty folder with it, but hardly twice. */
  #makeAgain(): Promise<void> {
    this.#folder.forget();
    this.#unready();
    return this.#prepare();
  }

  async #reopenIn(places: Places): Promise<Places & { fd: number | undefined }> {
    const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const fd = await unlessMissing(this.#calls.open(places.path, flags, 0));
    // Whoever has written it, it is looked for.
    this.#records.add(places.name);
    if (fd !== undefined) this.#sweep.uncount();
    return { ...places, fd };
  }

  async #prepare(): Promise<void> {
    this.#ready ??= this.#make();
    const ready = this.#ready;
    try {
      await ready;
      this.#isReady = this.#ready === ready;
    } catch (error) {
      if (this.#ready === ready) this.#unready();
      throw error;
    }
  }

  #unready(): void {
    this.#ready = undefined;
    this.#isReady = false;
  }

  async #make(): Promise<void> {
    const root = await this.#tree.root();
    try {
      await this.#calls.mkdir(root.at(PRIVATE_FOLDER), 0o700);
      this.#sweep.begin();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }
}

function newName(): string {
  return randomUUID().replaceAll('-', '');
}

function placesOf(name: string, hold: FolderHold): Places {
  const { folder } = hold;
  return { name, hold, path: folder.at(`${name}.part`), recordPath: folder.at(`${name}.done`) };
}
