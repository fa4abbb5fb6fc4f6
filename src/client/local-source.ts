/** The local file of an upload: what is read of it, and whether it is still what it was when it was opened. */
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { local, localError } from './local-failure.js';
import { localPathOf } from './local-target.js';
import { readPieces, type ReadRange } from './local-reading.js';

export class LocalSource {
  readonly #path: string;
  readonly #realPath: string;
  readonly #handle: FileHandle;
  readonly #stats: BigIntStats;

  private constructor(path: string, { realPath, handle, stats }: OpenedSource) {
    this.#path = path;
    this.#realPath = realPath;
    this.#handle = handle;
    this.#stats = stats;
  }

  /** Opens a plain file. ENOENT, EACCES, EISDIR; EINVAL for a device, a pipe or a socket. */
  static async open(given: string | URL): Promise<LocalSource> {
    const path = localPathOf(given);
    return new LocalSource(path, await local(path, openSource(path)));
  }

  /** Bytes, when it was opened. */
  get size(): number {
    return Number(this.#stats.size);
  }

  /** When it was changed last before it was opened. */
  get mtime(): Date {
    return new Date(Number(this.#stats.mtimeMs));
  }

  /** What tells these bytes of this file from all others on this machine. */
  get identity(): readonly string[] {
    const { dev, ino, size, mtimeNs, ctimeNs } = this.#stats;
    return [this.#realPath, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)];
  }

  /** The bytes of a range, as `readPieces` gives them. */
  async *pieces(range: ReadRange): AsyncGenerator<Buffer, undefined, undefined> {
    const pieces = readPieces(this.#handle, range);
    for (;;) {
      const { done, value } = await local(this.#path, pieces.next());
      if (done) return undefined;
      yield value;
    }
  }

  /** Throws ESTALE if it was changed since it was opened. */
  async requireUnchanged(): Promise<void> {
    const { size, mtimeNs, ctimeNs } = await local(this.#path, this.#handle.stat({ bigint: true }));
    const before = this.#stats;
    if (size !== before.size || mtimeNs !== before.mtimeNs || ctimeNs !== before.ctimeNs) {
      throw localError('ESTALE', this.#path, { meaning: 'It changed while it was read.' });
    }
  }

  async close(): Promise<void> {
    // It was read only: nothing is lost.
    await this.#handle.close().catch(() => undefined);
  }
}

interface OpenedSource {
  readonly realPath: string;
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

async function openSource(path: string): Promise<OpenedSource> {
  // Opened plainly, a pipe without a writer would wait for one.
  const handle = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isDirectory()) throw localError('EISDIR', path);
    if (!stats.isFile()) throw localError('EINVAL', path, { meaning: 'It is no plain file.' });
    return { handle, stats, realPath: await fs.realpath(path) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
