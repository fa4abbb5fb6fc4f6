/**
 * A small file that is read as a whole when it is opened: with one row of short calls in the place of five calls that are
 * waited for, and without a handle that stays open meanwhile.
 */
import fs from 'node:fs';
import { spareBuffers } from '../../memory/spare-buffers.js';
import type { Entry } from '../../protocol/entry.js';
import { ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { StoredFile } from '../storage.js';
import { exact, type Stats } from './file-calls.js';
import { entryOf } from './file-entry.js';
import { READ_FLAGS } from './opened-file.js';
import type { Site } from './site.js';

/** Bytes of a small file: what a thread would cost is more than to read so much. */
const MAX_BYTES = 32 * 1024;

/** What was read, and of which version. */
interface Whole {
  readonly stats: Stats;
  readonly content: Buffer;
  /** What the content is the beginning of. */
  readonly buffer: Buffer;
}

export class WholeFile implements StoredFile {
  readonly entry: Entry;
  // Not copied along by who makes a file of his own out of this one, and reads it in his own way.
  readonly #whole: Whole;

  private constructor(path: RemotePath, whole: Whole) {
    this.entry = entryOf(path, whole.stats);
    this.#whole = whole;
  }

  get content(): Uint8Array {
    return this.#whole.content;
  }

  get spare(): Buffer {
    return this.#whole.buffer;
  }

  /** Reads a file; undefined if it is no small one, or cannot be read so now. Rejects where nothing can be opened. */
  static async read({ calls, tree }: Site, path: RemotePath): Promise<WholeFile | undefined> {
    const { rows } = calls;
    if (!rows || path === ROOT) return undefined;
    return tree.inParent(path, (directory, name) => {
      const whole = directory.byHandle ? rows.look(() => wholeOf(directory.at(name))) : undefined;
      return Promise.resolve(whole && new WholeFile(path, whole));
    });
  }

  read(target: Uint8Array, position: number): Promise<number> {
    const { content } = this.#whole;
    return Promise.resolve(position < content.length ? content.copy(target, 0, position) : 0);
  }

  currentEtag(): Promise<string | undefined> {
    return Promise.resolve(this.entry.etag);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function wholeOf(path: string): Whole | undefined {
  const fd = fs.openSync(path, READ_FLAGS);
  try {
    const stats = fs.fstatSync(fd, exact);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    const buffer = spareBuffers.takeRoom(Number(stats.size));
    const content = buffer.subarray(0, Number(stats.size));
    if (content.length > 0 && fs.readSync(fd, content, 0, content.length, 0) < content.length)
      return undefined;
    return isSame(stats, fs.fstatSync(fd, exact)) ? { stats, content, buffer } : undefined;
  } finally {
    fs.closeSync(fd);
  }
}

function isSame(before: Stats, { size, mtimeNs, ctimeNs }: Stats): boolean {
  return size === before.size && mtimeNs === before.mtimeNs && ctimeNs === before.ctimeNs;
}
