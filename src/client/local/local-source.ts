/** The local file of an upload: its bytes, and whether it has changed since it was opened. */
import { randomUUID } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import type { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { fileDate } from '../../fs/file-time.js';
import { mayKeepTimes } from '../../fs/has-coarse-times.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { MAX_MODE } from '../../protocol/entry.js';
import { localError, toLocalError, withLocalPath } from './local-error.js';
import { parseLocalPath } from './local-target.js';
import { readPieces, updateChecksum, type ReadRange } from './read-pieces.js';

/** What was read of a file. */
export interface BytesRead {
  /** Number of bytes, up to the end of the file. */
  readonly bytes: number;
  /** Returns the checksum of the bytes. */
  checksum(): BodyChecksum;
}

/** How a file is opened. */
export interface OpenRules {
  /** Whether the path must not lead through a symbolic link at its end. */
  readonly refusesLink?: boolean | undefined;
}

export class LocalSource {
  readonly #handle: FileHandle;
  #version: LocalVersion;

  private constructor(version: LocalVersion, handle: FileHandle) {
    this.#version = version;
    this.#handle = handle;
  }

  /**
   * Opens a regular file. ENOENT, EACCES, EISDIR; EINVAL for a device, pipe or socket; ESTALE for a symbolic link, if
   * `refusesLink`.
   */
  static async open(given: string | URL, { refusesLink = false }: OpenRules = {}): Promise<LocalSource> {
    const path = parseLocalPath(given);
    return withLocalPath(path, LocalSource.#open(path, refusesLink));
  }

  static async #open(path: string, refusesLink: boolean): Promise<LocalSource> {
    // O_NONBLOCK: otherwise opening a pipe waits for its writer.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const opening = fs.open(path, refusesLink ? flags | constants.O_NOFOLLOW : flags);
    const handle = await opening.catch((error: unknown) => {
      if (refusesLink && hasErrno(error, 'ELOOP')) throw linkError(path);
      throw isUnopenable(error) ? notRegularError(path) : error;
    });
    try {
      return new LocalSource(new LocalVersion(path, await handle.stat({ bigint: true })), handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Finds the path without symbolic links. */
  realPath(): Promise<string> {
    const { path } = this.#version;
    return withLocalPath(path, fs.realpath(path));
  }

  /** The version that was opened. */
  get version(): LocalVersion {
    return this.#version;
  }

  /** Bytes of the file when it was opened; undefined if `stat` does not tell the truth. */
  get size(): number | undefined {
    return this.#version.size;
  }

  /**
   * Compares the size with what can be read at the end of the file. Virtual files, such as those of `/proc` and `/sys`,
   * report 0 or the size of a page, whatever they contain; their size is undefined from then on. ESTALE if the file has
   * changed.
   */
  async confirmSize(): Promise<void> {
    const { size = 0 } = this;
    const lastByte = Buffer.alloc(2);
    const reading = this.#handle.read(lastByte, 0, lastByte.length, Math.max(size - 1, 0));
    const { bytesRead } = await withLocalPath(this.#version.path, reading);
    if (bytesRead === Math.min(size, 1)) return;
    // A file that grows may never end.
    await this.assertUnchanged({ bytes: bytesRead, checksum: () => new BodyChecksum('none') });
    this.#version = this.#version.withSize(undefined);
  }

  /** The bytes of a range, as `readPieces` yields them. */
  async *pieces(range: ReadRange): AsyncGenerator<Buffer, undefined, undefined> {
    try {
      yield* readPieces(this.#handle, range);
    } catch (cause) {
      throw toLocalError(this.#version.path, cause);
    }
    return undefined;
  }

  /** Reads the first bytes into `target`, until it is full or the file ends. Resolves with their number. */
  async readInto(target: Buffer): Promise<number> {
    let total = 0;
    while (total < target.length) {
      const reading = this.#handle.read(target, total, target.length - total, total);
      const { bytesRead } = await withLocalPath(this.#version.path, reading);
      total += bytesRead;
      // A further read would only confirm the end, and costs as much as the first one.
      if (bytesRead === 0 || total === this.size) break;
    }
    return total;
  }

  /**
   * Throws ESTALE if the file has changed since it was opened. If only the metadata has changed, its bytes are read again:
   * what was the same in both readings is what the file held between. An error thrown by `check` ends the reading.
   */
  async assertUnchanged(read: BytesRead, check = (): void => undefined): Promise<void> {
    const stats = await withLocalPath(this.#version.path, this.#handle.stat({ bigint: true }));
    if (this.#version.isSame(stats, read.bytes)) return;
    const before = read.checksum();
    if (before.algorithm === 'none') {
      if (this.#version.hasTime(stats)) return;
      throw this.#version.changedError();
    }
    const now = new BodyChecksum(before.algorithm);
    await updateChecksum(this.pieces({ from: 0, to: read.bytes }), { checksum: now, check });
    if (now.digest() !== before.digest()) throw this.#version.changedError();
  }

  async close(): Promise<void> {
    // An error of closing loses nothing: the file was only read.
    await this.#handle.close().catch(() => undefined);
  }
}

interface LocalContent {
  /** Undefined if it is not known before all bytes are read. */
  readonly size: number | undefined;
}

/** A version of a local file, by its `stat` when it was opened. */
export class LocalVersion {
  readonly path: string;
  /** Bytes of the content; undefined if it is not known before all of them are read. */
  readonly size: number | undefined;
  readonly #stats: BigIntStats;

  /** Throws EISDIR for a directory, EINVAL for a device, pipe or socket. */
  constructor(path: string, stats: BigIntStats, content: LocalContent = { size: Number(stats.size) }) {
    if (stats.isDirectory()) throw localError('EISDIR', path);
    if (!stats.isFile()) throw notRegularError(path);
    this.path = path;
    this.size = content.size;
    this.#stats = stats;
  }

  get mtime(): Date {
    return fileDate(this.#stats.mtimeNs);
  }

  /** Permission bits; undefined on Windows, which has none. */
  get mode(): number | undefined {
    return modeOf(Number(this.#stats.mode));
  }

  /** Whether the content has another size than `stat` says. Then `stat` cannot show whether the content is the same. */
  get isVirtual(): boolean {
    return this.size !== Number(this.#stats.size);
  }

  /** Differs from that of every other version of a file on this machine; for a virtual file, in each call. */
  get identity(): readonly string[] {
    const { dev, ino, size, mtimeNs, ctimeNs } = this.#stats;
    return this.isVirtual ? [randomUUID()] : [dev, ino, size, mtimeNs, ctimeNs].map(String);
  }

  /** The same version, with the size that reading it has shown. */
  withSize(size: number | undefined): LocalVersion {
    return new LocalVersion(this.path, this.#stats, { size });
  }

  /**
   * Whether a later `stat` is of the same version, from which `bytes` were read up to its end; false if only its bytes tell.
   * ESTALE for another version.
   */
  isSame({ size, mtimeNs, ctimeNs }: BigIntStats, bytes: number): boolean {
    const before = this.#stats;
    // Virtual files without a size have no meaningful times either: some file systems report the current time.
    const hasTimes = before.size > 0n || bytes === 0;
    if (size !== before.size || (hasTimes && mtimeNs !== before.mtimeNs)) throw this.changedError();
    return !hasTimes || (ctimeNs === before.ctimeNs && !mayKeepTimes(before));
  }

  /** Whether a later `stat` has the same time of the last change, which also counts changes of the metadata. */
  hasTime({ ctimeNs }: BigIntStats): boolean {
    return ctimeNs === this.#stats.ctimeNs;
  }

  changedError(): TransferError {
    return localError('ESTALE', this.path, { meaning: 'It changed while it was read.' });
  }
}

/** ESTALE: the file was exchanged for a symbolic link. */
export function linkError(path: string): TransferError {
  return localError('ESTALE', path, { meaning: 'It has become a symbolic link.' });
}

/** The permission bits of a mode; undefined on Windows, which has none. */
export function modeOf(mode: number): number | undefined {
  return process.platform === 'win32' ? undefined : mode & MAX_MODE;
}

/** Whether opening failed because the file is a socket, or a device without a driver. */
function isUnopenable(error: unknown): boolean {
  return hasErrno(error, 'ENXIO', 'ENODEV', 'EOPNOTSUPP');
}

function notRegularError(path: string): TransferError {
  const meaning =
    'It is not a regular file. To upload what a pipe or device supplies, use upload() with a stream.';
  return localError('EINVAL', path, { meaning });
}
