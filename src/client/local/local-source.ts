/** The local file of an upload: what is read of it, and whether it is still what it was when it was opened. */
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { withLocalPath, toLocalError } from './local-error.js';
import { parseLocalPath } from './local-target.js';
import { readPieces, type ReadRange } from './read-pieces.js';
import { LocalVersion } from './local-version.js';

export class LocalSource {
  readonly version: LocalVersion;
  /** Where it is, without links. */
  readonly realPath: string;
  readonly #handle: FileHandle;

  private constructor(version: LocalVersion, realPath: string, handle: FileHandle) {
    this.version = version;
    this.realPath = realPath;
    this.#handle = handle;
  }

  /** Opens a plain file. ENOENT, EACCES, EISDIR; EINVAL for a device, a pipe or a socket. */
  static async open(given: string | URL): Promise<LocalSource> {
    const path = parseLocalPath(given);
    return withLocalPath(path, LocalSource.#open(path));
  }

  static async #open(path: string): Promise<LocalSource> {
    // Opened plainly, a pipe without a writer would wait for one.
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const version = new LocalVersion(path, await handle.stat({ bigint: true }));
      return new LocalSource(version, await fs.realpath(path), handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes, when it was opened. */
  get size(): number {
    return this.version.size;
  }

  /** The bytes of a range, as `readPieces` gives them. */
  async *pieces(range: ReadRange): AsyncGenerator<Buffer, undefined, undefined> {
    try {
      yield* readPieces(this.#handle, range);
    } catch (cause) {
      throw toLocalError(this.version.path, cause);
    }
    return undefined;
  }

  /** Reads its first bytes. Resolves with how many there were. */
  async readInto(target: Buffer): Promise<number> {
    const reading = this.#handle.read(target, 0, target.length, 0);
    return (await withLocalPath(this.version.path, reading)).bytesRead;
  }

  /** Throws ESTALE if it was changed since it was opened. */
  async assertUnchanged(): Promise<void> {
    this.version.assertSame(await withLocalPath(this.version.path, this.#handle.stat({ bigint: true })));
  }

  async close(): Promise<void> {
    // It was read only: nothing is lost.
    await this.#handle.close().catch(() => undefined);
  }
}
