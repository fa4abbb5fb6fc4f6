/**
 * The private folder, where files are written before they get their names: in the root, so that a name can be given
 * by a rename. It is made for the first file, and goes when the storage is closed if nothing is in it.
 *
 *     <32 digits>.part   what is written; stays when it is suspended
 *     <32 digits>.done   that it was committed (`commit-record.ts`)
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { FileCalls } from './file-calls.js';
import { hasCode, unlessMissing } from './file-failure.js';
import { PartSweep, type PartBounds } from './part-sweep.js';
import { PRIVATE_FOLDER } from './private-folder.js';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A file of the private folder that is open, and nobody else's as long as it is not released. */
export interface Part {
  readonly name: string;
  readonly path: string;
  /** Where it is recorded that the part was committed. */
  readonly recordPath: string;
  readonly fd: number;
}

/** What a part is called that can be gone on with: by its id, and by its path, so that it is of no use for another. */
export function partName(uploadId: string, path: RemotePath): string {
  return createHash('sha256').update(`${path}\n${uploadId}`).digest('hex').slice(0, 32);
}

export class PartFolder {
  readonly #calls: FileCalls;
  readonly #path: string;
  readonly #sweep: PartSweep;
  /** The names of parts that this storage works with. */
  readonly #live = new Set<string>();
  #ready: Promise<void> | undefined;

  constructor(calls: FileCalls, rootPath: string, bounds: PartBounds) {
    this.#calls = calls;
    this.#path = `${rootPath}/${PRIVATE_FOLDER}`;
    this.#sweep = new PartSweep(calls, { folder: this.#path, live: this.#live, bounds });
  }

  /**
   * A new, empty part with these permission bits, less those that the process masks. What has its name already is
   * thrown away; EBUSY if it is in use. The caller closes, removes and releases it.
   */
  async create(mode: number, name?: string): Promise<Part> {
    const part = await this.#claim(name ?? randomBytes(16).toString('hex'));
    try {
      await this.#prepare();
      await this.#sweep.ifDue();
      if (name !== undefined) await unlessMissing(this.#calls.unlink(part.recordPath));
      return { ...part, fd: await this.#createFile(part.path, mode) };
    } catch (error) {
      this.release(part.name);
      throw error;
    }
  }

  /** Opens a part that is there, to append to it; the caller releases it in any case. EBUSY if it is in use. */
  async reopen(name: string): Promise<Omit<Part, 'fd'> & { fd: number | undefined }> {
    const part = await this.#claim(name);
    try {
      const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
      const fd = await unlessMissing(this.#calls.open(part.path, flags, 0));
      if (fd !== undefined) this.#sweep.uncount();
      return { ...part, fd };
    } catch (error) {
      this.release(name);
      throw error;
    }
  }

  /** Others may use the name again. */
  release(name: string): void {
    this.#live.delete(name);
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
      if (ready) await this.#calls.rmdir(this.#path);
    } catch {
      // What is still in it is somebody's: an upload's of another process, one that was suspended, or the next sweep's.
    }
  }

  async #claim(name: string): Promise<Omit<Part, 'fd'>> {
    await this.#sweep.notRemoving(name);
    if (this.#live.has(name)) throw new TransferError('EBUSY', 'The upload is under way.');
    this.#live.add(name);
    return { name, path: `${this.#path}/${name}.part`, recordPath: `${this.#path}/${name}.done` };
  }

  async #createFile(path: string, mode: number): Promise<number> {
    const open = () => this.#calls.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      return await open();
    } catch (error) {
      if (hasCode(error, 'EEXIST')) await this.#calls.unlink(path);
      // Another process may have closed its storage and taken the empty folder with it, but hardly twice.
      else if (hasCode(error, 'ENOENT')) this.#ready = undefined;
      else throw error;
    }
    await this.#prepare();
    return open();
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
    try {
      await this.#calls.mkdir(this.#path, 0o700);
      return this.#sweep.begin();
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const stats = await this.#calls.lstat(this.#path);
    if (!stats.isDirectory()) throw new TransferError('EACCES', 'The private folder is not a directory.');
  }
}
