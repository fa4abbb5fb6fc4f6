/**
 * A new version that is small and at hand: it is kept in memory, and written by one row of short calls when it is
 * committed, in the place of ten calls that are waited for. Where that may not be, a part takes it over.
 *
 *     write(pieces) -> memory -> commit: may a row be made? -> look, open, write, rename, look, close
 *                         \-> more than that            \-> PartFile
 */
import fs from 'node:fs';
import { TransferError } from '../../errors.js';
import { hasCode } from '../../files/errno.js';
import { fileTime } from '../../files/file-time.js';
import { bytesOf } from '../../files/pieces.js';
import { spareBuffers } from '../../memory/spare-buffers.js';
import type { Entry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile, StorageWriteOptions } from '../storage.js';
import { checkWriteOptions } from '../write-options.js';
import { exact, exactIfAny, MAX_FREED_BYTES, type Stats } from './file-calls.js';
import { entryOf, permissionsOf } from './file-entry.js';
import { concerning } from './file-failure.js';
import { NEW_FILE_MODE, PartFile } from './part-file.js';
import { NEW_PART } from './part-folder.js';
import type { Site } from './site.js';
import { replaceable } from './target.js';

/** Bytes of a small one: hardly more to write at once than the calls around it cost. */
const MAX_BYTES = 64 * 1024;

/** Whether a version is small and at hand, and nothing of it has to be on the disk before it is committed, or after. */
export function isSmall(
  { calls, durable }: Site,
  { size, overwrite, isAtOnce }: StorageWriteOptions,
): boolean {
  return (
    calls.rows !== undefined && isAtOnce === true && !durable && overwrite && (size ?? Infinity) <= MAX_BYTES
  );
}

const NOTHING = Buffer.alloc(0);

export class SmallPart implements PendingFile {
  readonly #site: Site;
  readonly #path: RemotePath;
  readonly #options: StorageWriteOptions;
  /** What was written, in the first bytes of a buffer. */
  #written: { readonly buffer: Buffer; readonly bytes: number } | undefined;
  #hasEnded = false;
  #part: PartFile | undefined;

  /** A version for a path. */
  constructor(site: Site, path: RemotePath, options: StorageWriteOptions) {
    checkWriteOptions(path, options);
    this.#site = site;
    this.#path = path;
    this.#options = options;
  }

  async write(pieces: readonly Uint8Array[]): Promise<void> {
    this.#requireOpen();
    const bytes = bytesOf(pieces);
    if (this.#part || this.#written || bytes > MAX_BYTES) return (await this.#handOver()).write(pieces);
    const buffer = spareBuffers.takeRoom(bytes);
    this.#written = { buffer, bytes };
    let at = 0;
    for (const piece of pieces) {
      buffer.set(piece, at);
      at += piece.length;
    }
  }

  async commit(): Promise<Entry> {
    this.#requireOpen();
    this.#hasEnded = true;
    const stored = this.#part ? undefined : await concerning(this.#path, () => this.#store());
    if (!stored) return (await this.#handOver()).commit();
    this.#letGo();
    return stored;
  }

  async discard(): Promise<void> {
    this.#hasEnded = true;
    this.#letGo();
    await this.#part?.discard();
  }

  #requireOpen(): void {
    if (this.#hasEnded) throw new TransferError('EINVAL', 'This version was ended already.');
  }

  async #handOver(): Promise<PartFile> {
    if (this.#part) return this.#part;
    const part = await PartFile.create(this.#site, this.#path, this.#options);
    this.#part = part;
    await part.write([this.#bytes]);
    this.#letGo();
    return part;
  }

  get #bytes(): Buffer {
    return this.#written?.buffer.subarray(0, this.#written.bytes) ?? NOTHING;
  }

  #letGo(): void {
    if (this.#written) spareBuffers.give(this.#written.buffer);
    this.#written = undefined;
  }

  /** Undefined where nothing was done, for it may take its time, or there is no directory: who takes over says so. */
  async #store(): Promise<Entry | undefined> {
    const { parts, tree } = this.#site;
    try {
      return await parts.within((newPart) =>
        tree.inParent(this.#path, (directory, name) => {
          const target = directory.at(name);
          return Promise.resolve(directory.byHandle ? this.#storeHere(newPart, target) : undefined);
        }),
      );
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #storeHere(newPart: string, target: string): Entry | undefined {
    const { calls, locks } = this.#site;
    const bytes = this.#bytes;
    if (locks.isHeld(this.#path)) return undefined;
    const row = (): Stats | undefined => {
      const older = replaceable(fs.lstatSync(target, exactIfAny), this.#options);
      if (older && older.size > MAX_FREED_BYTES) return undefined;
      return makeFile(newPart, {
        target,
        bytes,
        mode: older && permissionsOf(older),
        mtime: this.#options.mtime,
      });
    };
    const stats = calls.rows?.change(row, bytes.length);
    return stats && entryOf(this.#path, stats);
  }
}

/** What a file is to be. */
interface NewFile {
  readonly target: string;
  readonly bytes: Buffer;
  /** Permission bits, where they are those of an older one. */
  readonly mode: number | undefined;
  readonly mtime: Date | undefined;
}

/** Makes a file under another name, and gives it its own. Where anything fails before, there is none. */
function makeFile(newPart: string, { target, bytes, mode, mtime }: NewFile): Stats {
  const fd = fs.openSync(newPart, NEW_PART, mode ?? NEW_FILE_MODE);
  try {
    writeAll(fd, bytes);
    if (mtime) fs.futimesSync(fd, Date.now() / 1000, fileTime(mtime));
    if (mode !== undefined) fs.fchmodSync(fd, mode);
    fs.renameSync(newPart, target);
    // What was made, whoever changes the name meanwhile.
    return fs.fstatSync(fd, exact);
  } catch (error) {
    remove(newPart);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    const written = fs.writeSync(fd, bytes, at);
    if (written === 0) throw new TransferError('EIO');
    at += written;
  }
}

/** What stays is taken by a sweep. */
function remove(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // The failure before is the one to tell of.
  }
}
