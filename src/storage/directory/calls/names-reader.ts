/**
 * Reads the names of a directory, synchronously or in threads, in any order of these calls:
 *
 *     a small directory, synchronously -> all names by one call, which takes a fraction of the time of opening a Dir
 *     any other                        -> a Dir, which reads a few hundred names at a time
 */
import fs, { type Dir, type Dirent } from 'node:fs';
import { exactIfAny, type FileCalls } from './file-calls.js';

/** Names that one call reads: a few kilobytes, and a fraction of a ms. */
export const NAMES_PER_READ = 256;

/**
 * Size in bytes up to which a directory is read by one call, which takes about a ms: at most 341 names on ext4, 205 on tmpfs,
 * 4,094 on ZFS.
 */
const MAX_SMALL_BYTES = 4096n;

/** Names of which a directory of that size has fewer. On an overlay, the size is only that of the upper layer. */
const MAX_SMALL_NAMES = 5000;

/** Whether the sizes of directories have proved to say nothing about the number of their names. */
export interface DirectorySizes {
  areWrong: boolean;
}

export class NamesReader {
  readonly #calls: FileCalls;
  readonly #path: string;
  readonly #sizes: DirectorySizes;
  #directory: Dir | undefined;
  #names: Dirent[] | undefined;
  #index = 0;

  /** @param path - for system calls */
  constructor(calls: FileCalls, path: string, sizes: DirectorySizes) {
    this.#calls = calls;
    this.#path = path;
    this.#sizes = sizes;
  }

  /** The next name; null at the end. */
  async read(): Promise<Dirent | null> {
    if (this.#names) return this.#nextName(this.#names);
    this.#directory ??= await this.#calls.opendir(this.#path, NAMES_PER_READ);
    return this.#directory.read();
  }

  /** As `read`. Throws system errors. */
  readSync(): Dirent | null {
    if (!this.#names && !this.#directory) this.#openSync();
    if (this.#names) return this.#nextName(this.#names);
    return this.#directory?.readSync() ?? null;
  }

  async close(): Promise<void> {
    const directory = this.#take();
    await directory?.close();
  }

  closeSync(): void {
    this.#take()?.closeSync();
  }

  #openSync(): void {
    const stats = this.#sizes.areWrong ? undefined : fs.statSync(`${this.#path}/.`, exactIfAny);
    if (!stats || stats.size > MAX_SMALL_BYTES) {
      this.#directory = fs.opendirSync(this.#path, { bufferSize: NAMES_PER_READ });
      return;
    }
    this.#names = fs.readdirSync(this.#path, { withFileTypes: true });
    if (this.#names.length > MAX_SMALL_NAMES) this.#sizes.areWrong = true;
  }

  #nextName(names: readonly Dirent[]): Dirent | null {
    return names[this.#index++] ?? null;
  }

  #take(): Dir | undefined {
    const directory = this.#directory;
    this.#directory = undefined;
    this.#names = [];
    return directory;
  }
}
