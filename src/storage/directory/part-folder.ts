/**
 * The private folder, where files are written before they get their names: in the root, so that a name can be given
 * by a rename. It is made for the first file, and goes when the storage is closed if nothing is in it.
 *
 *     <32 digits>.part   what is written; stays when it is suspended
 *     <32 digits>.done   that it was committed (`commit-record.ts`)
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { FileCalls } from './file-calls.js';
import { hasCode, unlessMissing } from './file-failure.js';
import { HeldFolder, type FolderHold } from './held-folder.js';
import { PartSweep, type PartBounds } from './part-sweep.js';
import { PRIVATE_FOLDER } from './private-folder.js';
import type { Tree } from './tree.js';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** What system calls take for the files of one name. They must not follow a link there. */
interface Places {
  readonly name: string;
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
  readonly #tree: Tree;
  readonly #folder: HeldFolder;
  readonly #sweep: PartSweep;
  /** The names of parts that this storage works with. */
  readonly #live = new Set<string>();
  /** By the names of the parts that are open. */
  readonly #holds = new Map<string, FolderHold>();
  #ready: Promise<void> | undefined;

  constructor(calls: FileCalls, tree: Tree, bounds: PartBounds) {
    this.#calls = calls;
    this.#tree = tree;
    this.#folder = new HeldFolder(tree);
    this.#sweep = new PartSweep(calls, { folder: this.#folder, live: this.#live, bounds });
  }

  /**
   * A new, empty part with these permission bits, less those that the process masks. What has its name already is
   * thrown away; EBUSY if it is in use. The caller closes, removes and releases it.
   */
  async create(mode: number, name?: string): Promise<Part> {
    const claimed = name ?? randomUUID().replaceAll('-', '');
    await this.#claim(claimed);
    try {
      await this.#prepare();
      await this.#sweep.ifDue();
      return await this.#create(claimed, { mode, hasRecord: name !== undefined });
    } catch (error) {
      await this.release(claimed);
      throw error;
    }
  }

  /**
   * Opens a part that is there, to append to it; the caller releases it in any case, unless there is no folder. EBUSY if
   * it is in use.
   */
  async reopen(name: string): Promise<(Places & { fd: number | undefined }) | undefined> {
    await this.#claim(name);
    try {
      const places = await unlessMissing(this.#places(name));
      if (!places) {
        await this.release(name);
        return undefined;
      }
      const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
      const fd = await unlessMissing(this.#calls.open(places.path, flags, 0));
      if (fd !== undefined) this.#sweep.uncount();
      return { ...places, fd };
    } catch (error) {
      await this.release(name);
      throw error;
    }
  }

  /** Others may use the name again. */
  async release(name: string): Promise<void> {
    this.#live.delete(name);
    await this.#letGo(name);
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
    this.#ready = undefined;
    try {
      await this.#sweep.settled();
      await ready;
      if (ready) await this.#calls.rmdir((await this.#tree.root()).at(PRIVATE_FOLDER));
    } catch {
      // What is still in it is somebody's: an upload's of another process, one that was suspended, or the next sweep's.
    }
  }

  async #claim(name: string): Promise<void> {
    await this.#sweep.notRemoving(name);
    if (this.#live.has(name)) throw new TransferError('EBUSY', 'The upload is under way.');
    this.#live.add(name);
  }

  async #create(name: string, how: Creation): Promise<Part> {
    try {
      return await this.#createIn(await this.#places(name), how);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    // Another process may have closed its storage and taken the empty folder with it, but hardly twice.
    await this.#letGo(name);
    this.#folder.forget();
    this.#ready = undefined;
    await this.#prepare();
    return this.#createIn(await this.#places(name), how);
  }

  async #createIn(places: Places, { mode, hasRecord }: Creation): Promise<Part> {
    // Most have none, and an error costs more than a look.
    if (hasRecord && (await this.#calls.lstatIfAny(places.recordPath))) {
      await unlessMissing(this.#calls.unlink(places.recordPath, 0));
    }
    const open = () => this.#calls.open(places.path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      return { ...places, fd: await open() };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      await this.#calls.unlink(places.path);
    }
    return { ...places, fd: await open() };
  }

  /** Where the files of a name are, as long as it is not released. */
  async #places(name: string): Promise<Places> {
    const hold = await this.#folder.hold();
    this.#holds.set(name, hold);
    return { name, path: hold.folder.at(`${name}.part`), recordPath: hold.folder.at(`${name}.done`) };
  }

  async #letGo(name: string): Promise<void> {
    const hold = this.#holds.get(name);
    this.#holds.delete(name);
    await hold?.release();
  }

  async #prepare(): Promise<void> {
    this.#ready ??= this.#make();
    const ready = this.#ready;
    try {
      await ready;
    } catch (error) {
      if (this.#ready === ready) this.#ready = undefined;
      throw error;
    }
  }

  async #make(): Promise<void> {
    const root = await this.#tree.root();
    try {
      await this.#calls.mkdir(root.at(PRIVATE_FOLDER), 0o700);
      this.#sweep.begin();
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
