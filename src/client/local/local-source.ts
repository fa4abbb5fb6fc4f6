/** The local file of an upload: its bytes, and whether it has changed since it was opened. */
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { fileDate } from '../../fs/file-time.js';
import { mayKeepTimes } from '../../fs/has-coarse-times.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { localError, toLocalError, withLocalPath } from './local-error.js';
import { parseLocalPath } from './local-target.js';
import { readPieces, type ReadRange } from './read-pieces.js';

export class LocalSource {
  readonly version: LocalVersion;
  /** The path without symbolic links. */
  readonly realPath: string;
  readonly #handle: FileHandle;

  private constructor(version: LocalVersion, realPath: string, handle: FileHandle) {
    this.version = version;
    this.realPath = realPath;
    this.#handle = handle;
  }

  /** Opens a regular file. ENOENT, EACCES, EISDIR; EINVAL for a device, pipe or socket. */
  static async open(given: string | URL): Promise<LocalSource> {
    const path = parseLocalPath(given);
    return withLocalPath(path, LocalSource.#open(path));
  }

  static async #open(path: string): Promise<LocalSource> {
    // O_NONBLOCK: otherwise opening a pipe waits for its writer.
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const version = new LocalVersion(path, await handle.stat({ bigint: true }));
      return new LocalSource(version, await fs.realpath(path), handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes of the file when it was opened. */
  get size(): number {
    return this.version.size;
  }

  /** The bytes of a range, as `readPieces` yields them. */
  async *pieces(range: ReadRange): AsyncGenerator<Buffer, undefined, undefined> {
    try {
      yield* readPieces(this.#handle, range);
    } catch (cause) {
      throw toLocalError(this.version.path, cause);
    }
    return undefined;
  }

  /** Reads the first bytes into `target`. Resolves with their number. */
  async readInto(target: Buffer): Promise<number> {
    const reading = this.#handle.read(target, 0, target.length, 0);
    return (await withLocalPath(this.version.path, reading)).bytesRead;
  }

  /**
   * Throws ESTALE if the file has changed since it was opened. `read` is the checksum of its bytes as they were read: if
   * only the metadata has changed, they are read again. What was the same in both readings is what the file held between.
   */
  async assertUnchanged(read: () => BodyChecksum): Promise<void> {
    const stats = await withLocalPath(this.version.path, this.#handle.stat({ bigint: true }));
    if (this.version.isSame(stats)) return;
    const before = read();
    if (before.algorithm === 'none' && this.version.hasTime(stats)) return;
    const now = new BodyChecksum(before.algorithm);
    for await (const piece of this.pieces({ from: 0, to: this.size })) now.update(piece);
    if (now.digest() === undefined || now.digest() !== before.digest()) throw this.version.changedError();
  }

  async close(): Promise<void> {
    // An error of closing loses nothing: the file was only read.
    await this.#handle.close().catch(() => undefined);
  }
}

/** A version of a local file, by its `stat` when it was opened. */
export class LocalVersion {
  readonly path: string;
  readonly #stats: BigIntStats;

  /** Throws EISDIR for a directory, EINVAL for a device, pipe or socket. */
  constructor(path: string, stats: BigIntStats) {
    if (stats.isDirectory()) throw localError('EISDIR', path);
    if (!stats.isFile()) throw localError('EINVAL', path, { meaning: 'It is not a regular file.' });
    this.path = path;
    this.#stats = stats;
  }

  get size(): number {
    return Number(this.#stats.size);
  }

  get mtime(): Date {
    return fileDate(this.#stats.mtimeNs);
  }

  /** Differs from that of every other version of a file on this machine. */
  get identity(): readonly string[] {
    const { dev, ino, size, mtimeNs, ctimeNs } = this.#stats;
    return [dev, ino, size, mtimeNs, ctimeNs].map(String);
  }

  /** Whether a later `stat` is of the same version; false if only its bytes tell. ESTALE for another one. */
  isSame({ size, mtimeNs, ctimeNs }: BigIntStats): boolean {
    const before = this.#stats;
    if (size !== before.size || mtimeNs !== before.mtimeNs) throw this.changedError();
    return ctimeNs === before.ctimeNs && !mayKeepTimes(before);
  }

  /** Whether a later `stat` has the same time of the last change, which also counts changes of the metadata. */
  hasTime({ ctimeNs }: BigIntStats): boolean {
    return ctimeNs === this.#stats.ctimeNs;
  }

  changedError(): Error {
    return localError('ESTALE', this.path, { meaning: 'It changed while it was read.' });
  }
}
