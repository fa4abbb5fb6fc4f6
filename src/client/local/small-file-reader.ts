/**
 * Small local files that are to be uploaded, read whole and without a thread where that takes no time: five trips
 * through the thread pool cost twenty times as much as all else that such an upload does.
 *
 *     a path -> awake? -> its directory: local? -> budget of the turn left? -> gate open? room? -> open, read, compare
 *                 \---------------------\-> for threads  \-> the next turn           \-> for threads
 */
import fs from 'node:fs';
import { SyncCallGate } from '../../sync-fs/sync-call-gate.js';
import { hasErrno } from '../../fs/errno.js';
import { LocalMountCache } from '../../sync-fs/local-mount-cache.js';
import { readSmallFile } from '../../sync-fs/small-file.js';
import { TickBudget } from '../../sync-fs/tick-budget.js';
import { BufferPool } from '../../buffers/buffer-pool.js';
import { toLocalError } from './local-error.js';
import { parseLocalPath } from './local-target.js';
import type { LocalSource } from './local-source.js';
import { LocalVersion } from './local-version.js';

/** Bytes of a small one. */
const MAX_BYTES = 32 * 1024;

/** Bytes of all of them that are held at once; what comes beyond is read when the server takes it. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Bytes of the buffers that wait to be used again. */
const MAX_SPARE_BYTES = 1024 * 1024;

/** Milliseconds without a file after which the next one is for threads: a disk may have gone to sleep. */
const PAUSE_MS = 2_000;

// A link may lead to where files are far away, and is left to threads. A pipe without a writer is not waited for.
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;

/** All bytes of a version of a file. */
export interface SmallFile {
  readonly version: LocalVersion;
  readonly bytes: Buffer;
  /** To be called when nobody holds the bytes any more, if that is ever known. */
  readonly free: () => void;
}

export class SmallFileReader {
  readonly #directories = new LocalMountCache();
  // Whether files are local is asked before, of one directory after another.
  readonly #gate = new SyncCallGate();
  readonly #turn = new TickBudget();
  // Of its own: that the server has taken a file in is the server's word only, and what is read over too early is sent to it.
  readonly #buffers = new BufferPool(MAX_SPARE_BYTES);
  #heldBytes = 0;
  #awakeUntilMs = -Infinity;

  /**
   * Reads one without a thread; undefined where it is to be opened by threads. Throws what `LocalVersion` throws, and
   * ESTALE if the file changes just now.
   */
  async read(given: string | URL): Promise<SmallFile | undefined> {
    const path = parseLocalPath(given);
    return (await this.#mayRead(path)) ? this.#readHere(path) : undefined;
  }

  /** Reads what threads have opened, if it is small. Throws ESTALE if it changes meanwhile. */
  async readFrom(source: LocalSource): Promise<SmallFile | undefined> {
    const { size } = source;
    if (size > MAX_BYTES || this.#isFull) return undefined;
    // Others begin to read before this one is read.
    this.#heldBytes += size;
    const file = await this.#readThere(source).finally(() => (this.#heldBytes -= size));
    this.#awakeUntilMs = performance.now() + PAUSE_MS;
    return file;
  }

  /** Does all that is done with a file that was read: until then it counts among those that are held. */
  async holding<Value>({ bytes }: SmallFile, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } finally {
      this.#heldBytes -= bytes.length;
    }
  }

  #hold(version: LocalVersion, buffer: Buffer): SmallFile {
    this.#heldBytes += version.size;
    const bytes = buffer.subarray(0, version.size);
    return { version, bytes, free: () => this.#buffers.release(buffer) };
  }

  get #isFull(): boolean {
    return this.#heldBytes >= MAX_HELD_BYTES;
  }

  async #readThere(source: LocalSource): Promise<SmallFile | undefined> {
    const { size, version } = source;
    const buffer = this.#buffers.acquireAtLeast(size);
    const read = await source.readInto(buffer.subarray(0, size));
    await source.assertUnchanged();
    return read === size ? this.#hold(version, buffer) : undefined;
  }

  /** Whether it may be read without a thread, in this turn of the event loop. */
  async #mayRead(path: string): Promise<boolean> {
    const directory = directoryOf(path);
    if (directory === undefined || performance.now() >= this.#awakeUntilMs) return false;
    if (!(await this.#directories.has(directory))) return false;
    while (!this.#turn.take()) await this.#turn.ended();
    return true;
  }

  #readHere(path: string): SmallFile | undefined {
    if (this.#isFull) return undefined;
    try {
      return this.#gate.run(() => {
        this.#awakeUntilMs = performance.now() + PAUSE_MS;
        return this.#readOpened(path);
      });
    } catch (error) {
      if (hasErrno(error, 'ELOOP')) return undefined;
      throw toLocalError(path, error);
    }
  }

  #readOpened(path: string): SmallFile | undefined {
    const allocate = (bytes: number): Buffer => this.#buffers.acquireAtLeast(bytes);
    const { stats, after, buffer } = readSmallFile(path, { flags: FLAGS, maxBytes: MAX_BYTES, allocate });
    const version = new LocalVersion(path, stats);
    if (after) version.assertSame(after);
    return buffer && this.#hold(version, buffer);
  }
}

/** The directory that a file is in, as far as its path tells: undefined where it ends as a directory's does. */
function directoryOf(path: string): string | undefined {
  const end = path.lastIndexOf('/') + 1;
  const name = path.slice(end);
  if (name === '' || name === '.' || name === '..') return undefined;
  const given = path.slice(0, end);
  return path.startsWith('/') ? given : beneathWorkingDirectory(given);
}

function beneathWorkingDirectory(path: string): string | undefined {
  try {
    return `${process.cwd()}/${path}`;
  } catch {
    // It was removed. What cannot be found there is told by the call that opens it.
    return undefined;
  }
}
