/**
 * Reads small local files whole, with synchronous calls where these are fast: five calls through the thread pool take
 * twenty times as long as the rest of a small upload.
 *
 *     read(path) -> read recently? directory local? -> TickBudget -> SyncCallGate, memory -> open, read, compare
 *     otherwise undefined: LocalSource.open -> readFrom(source)
 */
import fs from 'node:fs';
import { systemClock } from '../../clock.js';
import { SyncCallGate } from '../../sync-fs/sync-call-gate.js';
import { hasErrno } from '../../fs/errno.js';
import { LocalMountCache } from '../../sync-fs/local-mount-cache.js';
import { readKnownFile, readSmallFile } from '../../sync-fs/small-file.js';
import { TickBudget } from '../../sync-fs/tick-budget.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { BufferPool } from '../../buffers/buffer-pool.js';
import { toLocalError } from './local-error.js';
import { parseLocalPath } from './local-target.js';
import { LocalVersion, modeOf, type LocalSource } from './local-source.js';

/** Largest small file. */
const MAX_BYTES = 32 * 1024;

/** Bytes in memory at once; further files are read as the server accepts them. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Bytes of buffers that are kept for reuse. */
const MAX_SPARE_BYTES = 1024 * 1024;

/** After this time without a read, the next one is asynchronous: the disk may have spun down. */
const PAUSE_MS = 2_000;

/** Age in ms of the last change below which another one may leave the times as they are: on FAT they count two seconds. */
const RECENT_MS = 3_000;

// O_NOFOLLOW: the target of a link may be on a remote file system. O_NONBLOCK: a pipe may have no writer.
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;

/** The bytes of a small file. */
interface ReadBytes {
  readonly bytes: Buffer;
  /** Returns the memory of the bytes for reuse; called only if they are in no queue any more. */
  readonly free: () => void;
}

export interface SmallFile extends ReadBytes {
  readonly version: LocalVersion;
}

/** A version of a file that was seen before. */
export interface KnownVersion {
  readonly size: number;
  readonly mtimeMs: number;
}

/** The bytes of a known version. */
export interface VersionRead extends ReadBytes {
  /** Rounded as the mtime of an entry. */
  readonly mtimeMs: number;
  /** Permission bits; undefined on Windows, which has none. */
  readonly mode: number | undefined;
}

export class SmallFileReader {
  readonly #directories = new LocalMountCache();
  readonly #gate = new SyncCallGate();
  readonly #tickBudget = new TickBudget();
  // Of one server: if it confirms too early, the reused memory holds another file that it is sent anyway.
  readonly #buffers = new BufferPool(MAX_SPARE_BYTES);
  readonly #allocate = (bytes: number): Buffer => this.#buffers.acquireAtLeast(bytes);
  readonly #usesThreads: boolean;
  #heldBytes = 0;
  #syncUntilMs = -Infinity;

  constructor({ fileCalls }: { readonly fileCalls: 'auto' | 'threads' } = { fileCalls: 'auto' }) {
    this.#usesThreads = fileCalls === 'threads';
  }

  /** Reads a file synchronously; undefined if it must be read with `readFrom`. EISDIR, EINVAL; ESTALE if it changes. */
  async read(given: string | URL): Promise<SmallFile | undefined> {
    const path = parseLocalPath(given);
    return (await this.#canReadSync(path)) ? this.#readSync(path) : undefined;
  }

  /**
   * Reads a version of a file without a wait. Undefined if it must be read with `read` or `readFrom`: it is another version, or one
   * of the last seconds, its directory is not the one that was read last, or the tick has no time left. ENOENT, ...
   */
  readNow(path: string, { size, mtimeMs }: KnownVersion): VersionRead | undefined {
    const directory = directoryOf(path);
    const nowMs = systemClock();
    if (directory === undefined || nowMs >= this.#syncUntilMs || this.#heldBytes >= MAX_HELD_BYTES)
      return undefined;
    // Of a file that has just changed, the time cannot show whether it changes while it is read.
    if (size > MAX_BYTES || mtimeMs > Date.now() - RECENT_MS) return undefined;
    if (!this.#directories.isLatest(directory, nowMs) || !this.#tickBudget.take()) return undefined;
    this.#syncUntilMs = nowMs + PAUSE_MS;
    return this.#gate.run(() => this.#readVersion(path, { size, mtimeMs }));
  }

  /** Reads an open file asynchronously; undefined if it is not small. ESTALE if it changes. */
  async readFrom(source: LocalSource): Promise<SmallFile | undefined> {
    const { size = Infinity } = source;
    if (size > MAX_BYTES) return undefined;
    // A virtual file has more bytes than its size says.
    const file = (await this.#readWithin(source, size)) ?? (await this.#readWithin(source, MAX_BYTES));
    if (!this.#usesThreads) this.#syncUntilMs = systemClock() + PAUSE_MS;
    return file;
  }

  /** Does the work with a file that was read; its bytes count as held until then. */
  async holding<Value>(file: SmallFile, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } finally {
      this.release(file);
    }
  }

  /** The bytes of a file that was read count as held until then. */
  release({ bytes }: ReadBytes): void {
    this.#heldBytes -= bytes.length;
  }

  #hold(version: LocalVersion, buffer: Buffer, size: number): SmallFile {
    this.#heldBytes += size;
    const bytes = buffer.subarray(0, size);
    return { version: version.withSize(size), bytes, free: () => this.#buffers.release(buffer) };
  }

  /** Reads a file whole; undefined if it has more than `maxBytes`, or too many bytes are held. */
  async #readWithin(source: LocalSource, maxBytes: number): Promise<SmallFile | undefined> {
    if (this.#heldBytes >= MAX_HELD_BYTES) return undefined;
    // One more byte: without it, the end of the file could not be told from the end of the buffer.
    const wanted = maxBytes + 1;
    // Counted now, because other reads begin before this one has ended.
    this.#heldBytes += wanted;
    try {
      const buffer = this.#buffers.acquireAtLeast(wanted);
      const bytes = await source.readInto(buffer.subarray(0, wanted));
      if (bytes <= maxBytes) {
        await source.assertUnchanged({ bytes, checksum: () => checksumOf(buffer.subarray(0, bytes)) });
        return this.#hold(source.version, buffer, bytes);
      }
      this.#buffers.release(buffer);
      return undefined;
    } finally {
      this.#heldBytes -= wanted;
    }
  }

  /** Waits for a tick with time left, and returns whether a synchronous read is allowed. */
  async #canReadSync(path: string): Promise<boolean> {
    const directory = directoryOf(path);
    if (directory === undefined || systemClock() >= this.#syncUntilMs) return false;
    if (!(await this.#directories.has(directory))) return false;
    while (!this.#tickBudget.take()) await this.#tickBudget.ended();
    return true;
  }

  #readSync(path: string): SmallFile | undefined {
    if (this.#heldBytes >= MAX_HELD_BYTES) return undefined;
    try {
      return this.#gate.run(() => {
        this.#syncUntilMs = systemClock() + PAUSE_MS;
        return this.#readOpened(path);
      });
    } catch (error) {
      if (hasErrno(error, 'ELOOP')) return undefined;
      throw toLocalError(path, error);
    }
  }

  #readVersion(path: string, { size, mtimeMs }: KnownVersion): VersionRead | undefined {
    const read = readKnownFile(path, { flags: FLAGS, size, allocate: this.#allocate });
    if (!read) return undefined;
    const { stats, buffer } = read;
    const free = (): void => this.#buffers.release(buffer);
    // Any change while it was read would show in `ctime`, which no program can put back.
    if (Math.abs(stats.mtimeMs - mtimeMs) < 1 && stats.ctimeMs <= Date.now() - RECENT_MS) {
      this.#heldBytes += size;
      const bytes = buffer.subarray(0, size);
      return { mtimeMs: Math.round(stats.mtimeMs), mode: modeOf(stats.mode), bytes, free };
    }
    free();
    return undefined;
  }

  #readOpened(path: string): SmallFile | undefined {
    const allocate = this.#allocate;
    const { stats, after, buffer } = readSmallFile(path, { flags: FLAGS, maxBytes: MAX_BYTES, allocate });
    const version = new LocalVersion(path, stats);
    const size = Number(stats.size);
    // Read again with `readFrom` if only its bytes tell whether it is the same version, and to its end if it is virtual.
    if (after && !version.isSame(after, size)) return undefined;
    return buffer && this.#hold(version, buffer, size);
  }
}

function checksumOf(bytes: Buffer): BodyChecksum {
  const checksum = new BodyChecksum('sha256');
  checksum.update(bytes);
  return checksum;
}

/** The directory of a path, ending in `/`; undefined if the path itself names a directory. */
function directoryOf(path: string): string | undefined {
  const end = path.lastIndexOf('/') + 1;
  const name = path.slice(end);
  if (name === '' || name === '.' || name === '..') return undefined;
  const directory = path.slice(0, end);
  try {
    return path.startsWith('/') ? directory : `${process.cwd()}/${directory}`;
  } catch {
    // The working directory was removed; opening the file reports that.
    return undefined;
  }
}
