/**
 * The private folder, where files are written before they get their names: in the root, so that a name can be given
 * by a rename. It is made for the first file, and goes when the storage is closed if nothing is in it.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { TransferError } from '../../errors.js';
import { namesIn } from './directory-names.js';
import type { FileCalls } from './file-calls.js';
import { hasCode } from './file-failure.js';
import { PRIVATE_FOLDER } from './private-folder.js';

/** A part to which nothing was added for so long is of a process that is gone: every transfer stalls sooner. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

const PART_NAME = /^[0-9a-f]{32}\.part$/;

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** A new, empty file of the private folder. */
export interface Part {
  readonly path: string;
  readonly fd: number;
}

export class PartFolder {
  readonly #calls: FileCalls;
  readonly #path: string;
  #ready: Promise<void> | undefined;

  constructor(calls: FileCalls, rootPath: string) {
    this.#calls = calls;
    this.#path = `${rootPath}/${PRIVATE_FOLDER}`;
  }

  /** A new file with these permission bits, less those that the process masks. The caller closes and removes it. */
  async create(mode: number): Promise<Part> {
    await this.#prepare();
    try {
      return await this.#createFile(mode);
    } catch (error) {
      // Another process may have closed its storage and taken the empty folder with it, but hardly twice.
      if (!hasCode(error, 'ENOENT')) throw error;
      this.#ready = undefined;
      await this.#prepare();
      return this.#createFile(mode);
    }
  }

  /** Removes the folder, if it was used and is empty. */
  async close(): Promise<void> {
    const ready = this.#ready;
    this.#ready = undefined;
    try {
      await ready;
      if (ready) await this.#calls.rmdir(this.#path);
    } catch {
      // What is still in it is somebody's: an upload's of another process, or the next sweep's.
    }
  }

  async #createFile(mode: number): Promise<Part> {
    const path = `${this.#path}/${randomBytes(16).toString('hex')}.part`;
    const fd = await this.#calls.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    return { path, fd };
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
      return await this.#calls.mkdir(this.#path, 0o700);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const stats = await this.#calls.lstat(this.#path);
    if (!stats.isDirectory()) throw new TransferError('EACCES', 'The private folder is not a directory.');
    await this.#sweep();
  }

  // Best effort: what cannot be removed now is removed next time.
  async #sweep(): Promise<void> {
    const before = Date.now() - STALE_AFTER_MS;
    try {
      for await (const { name } of namesIn(this.#calls, this.#path)) {
        if (PART_NAME.test(name)) await this.#removeIfOlder(`${this.#path}/${name}`, before);
      }
    } catch {
      // The folder itself cannot be read; creating a file in it will tell.
    }
  }

  async #removeIfOlder(path: string, before: number): Promise<void> {
    try {
      const stats = await this.#calls.lstat(path);
      // Not by mtime, which an upload under way may have set to any time.
      if (stats.isFile() && Number(stats.ctimeMs) < before) await this.#calls.unlink(path);
    } catch {
      // Its process was not gone after all, or may do with it what this one may not.
    }
  }
}
