/** A version of a local file that is read: what the system told of it when it was opened. */
import type { BigIntStats } from 'node:fs';
import { localError } from './local-error.js';

export class LocalVersion {
  readonly path: string;
  readonly #stats: BigIntStats;

  /** Throws EISDIR for a directory, EINVAL for a device, a pipe or a socket. */
  constructor(path: string, stats: BigIntStats) {
    if (stats.isDirectory()) throw localError('EISDIR', path);
    if (!stats.isFile()) throw localError('EINVAL', path, { meaning: 'It is no plain file.' });
    this.path = path;
    this.#stats = stats;
  }

  /** Bytes. */
  get size(): number {
    return Number(this.#stats.size);
  }

  /** When it was changed last, in milliseconds. */
  get mtimeMs(): number {
    return Number(this.#stats.mtimeMs);
  }

  /** What tells its bytes from all others that are, or were, under the same name of this machine. */
  get identity(): readonly string[] {
    const { dev, ino, size, mtimeNs, ctimeNs } = this.#stats;
    return [dev, ino, size, mtimeNs, ctimeNs].map(String);
  }

  /** Throws ESTALE unless it is this version still, by what the system tells now. */
  assertSame({ size, mtimeNs, ctimeNs }: BigIntStats): void {
    const before = this.#stats;
    if (size !== before.size || mtimeNs !== before.mtimeNs || ctimeNs !== before.ctimeNs) {
      throw localError('ESTALE', this.path, { meaning: 'It changed while it was read.' });
    }
  }
}
