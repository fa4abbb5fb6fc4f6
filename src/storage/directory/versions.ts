/**
 * The etags of the files of a storage. The times of a file distinguish its versions only if the file system counts them
 * finely. Where it counts seconds, a file that has changed within the last seconds may change again without another time:
 *
 *     fine times, or no change for a while -> device, inode, size, times
 *     changed just now -> small? -yes-> the same and a checksum of the bytes; remembered, so that the text stays the same
 *                                -no--> weak
 */
import { createHash } from 'node:crypto';
import { hasCoarseTimes, mayKeepTimes } from '../../fs/has-coarse-times.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { weakEtag } from '../../protocol/weak-etag.js';
import { READ_FLAGS, type FileCalls, type Stats } from './calls/file-calls.js';
import { etagOf, toFileEntry } from './calls/file-entry.js';

/** Larger files that have just changed get a weak etag. */
const MAX_SUMMED_BYTES = 1024 * 1024;

/** Etags with a checksum that are remembered; beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 10_000;

interface Remembered {
  readonly etag: string;
  /** Whether the checksum was computed when no change could keep the time any more. */
  readonly isFinal: boolean;
}

export class Versions {
  readonly #calls: FileCalls;
  readonly #remembered = new Map<string, Remembered>();

  constructor(calls: FileCalls) {
    this.#calls = calls;
  }

  /** The entry of a file or directory with these stats, by its descriptor or local path. Rejects as `toFileEntry`. */
  entry(path: RemotePath, stats: Stats, file: number | string): FileEntry | Promise<FileEntry> {
    const entry = toFileEntry(path, stats);
    if (entry.etag === undefined || !hasCoarseTimes(stats)) return entry;
    return this.#etag(stats, file).then((etag) => ({ ...entry, etag }));
  }

  async #etag(stats: Stats, file: number | string): Promise<string> {
    const times = etagOf(stats);
    const isFinal = !mayKeepTimes(stats);
    const remembered = this.#remembered.get(times);
    if (remembered?.isFinal) return remembered.etag;
    if (isFinal && !remembered) return times;
    const sum = await this.#checksum(stats, file);
    if (sum === undefined) return weakEtag(times);
    const etag = `${times}-${sum}`;
    this.#remember(times, { etag, isFinal });
    return etag;
  }

  #remember(times: string, remembered: Remembered): void {
    this.#remembered.set(times, remembered);
    const [oldest] = this.#remembered.size > MAX_REMEMBERED ? this.#remembered.keys() : [];
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }

  /** The checksum of the bytes; undefined if the file is large, cannot be read, or is another version by now. */
  async #checksum(stats: Stats, file: number | string): Promise<string | undefined> {
    if (stats.size > MAX_SUMMED_BYTES) return undefined;
    if (typeof file === 'number') return this.#checksumOf(stats, file);
    try {
      const fd = await this.#calls.open(file, READ_FLAGS, 0);
      return await this.#checksumOf(stats, fd).finally(() => this.#calls.close(fd, 0));
    } catch {
      return undefined;
    }
  }

  async #checksumOf(stats: Stats, fd: number): Promise<string | undefined> {
    const sum = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Number(stats.size));
    let position = 0;
    while (position < buffer.length) {
      const bytes = await this.#calls.read(fd, buffer.subarray(position), position);
      if (bytes === 0) return undefined;
      position += bytes;
    }
    const isSame = etagOf(await this.#calls.fstat(fd)) === etagOf(stats);
    return isSame ? sum.update(buffer).digest('base64url').slice(0, 22) : undefined;
  }
}
