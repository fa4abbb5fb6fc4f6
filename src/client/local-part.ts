/**
 * A download that is under way: a part beside the target, which gets the target's name when it is whole and verified.
 *
 *     claim: open, lock -> earlier? sum up what is at hand -> note, write ... -> appear: times, fsync, rename, fsync
 *
 * A part is written by one call at a time, and is one version of one file as long as it exists: what cannot be gone on
 * with is removed, and the next part is another file.
 */
import { constants, type BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { TransferError } from '../errors.js';
import { BodyCheck, type ChecksumAlgorithm } from '../protocol/checksum.js';
import { hasCode, local, localError, unlessMissing } from './local-failure.js';
import { isLocked, LOCK_FLAG, lockOpened } from './local-lock.js';
import { readNote, removeNote, writeNote, type PartNote } from './local-note.js';
import { readPieces, sumUp } from './local-reading.js';
import type { LocalTarget } from './local-target.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Permissions of a file that replaces none, less those that the process masks. */
const NEW_FILE_MODE = 0o666;

/** A part that is not what it was when it was opened belongs to one who is quicker; after so many it is given up. */
const MAX_TRIES = 10;

/** What an earlier call has left. */
export interface EarlierPart {
  readonly etag: string;
  /** Of all bytes at hand. */
  readonly sum: BodyCheck;
}

/** How a part becomes the target. */
export interface Appearance {
  readonly overwrite: boolean;
  /** Whether it is to be on the disk. */
  readonly durable: boolean;
  readonly mtime: Date | undefined;
  /** Permissions of the file that it replaces. */
  readonly mode: number | undefined;
}

export class LocalPart {
  readonly #target: LocalTarget;
  readonly #handle: FileHandle;
  readonly #unlock: () => Promise<void>;
  readonly #stats: BigIntStats;
  #length: number;
  /** Whether it is noted down what it is a part of, or may be. */
  #described: boolean;

  private constructor(target: LocalTarget, file: LockedFile) {
    this.#target = target;
    this.#handle = file.handle;
    this.#unlock = file.unlock;
    this.#stats = file.stats;
    this.#length = Number(file.stats.size);
    this.#described = this.#length > 0;
  }

  /** The part of a target, a new one or one that was left. EBUSY if another call writes it. */
  static async claim(target: LocalTarget, mode: number | undefined): Promise<LocalPart> {
    return new LocalPart(target, await local(target.path, openPart(target, mode ?? NEW_FILE_MODE)));
  }

  /** Bytes at hand. */
  get length(): number {
    return this.#length;
  }

  /** Whether a later call can go on with it. */
  get resumable(): boolean {
    return this.#described && this.#length > 0;
  }

  /** What can be gone on with of a remote file; undefined where nothing is. What `check` throws ends the summing up. */
  async earlier(
    wanted: { path: string; checksum: ChecksumAlgorithm },
    check: () => void,
  ): Promise<EarlierPart | undefined> {
    const note = this.#length > 0 ? await readNote(this.#target.notePath) : undefined;
    if (note?.path !== wanted.path || note.checksum !== wanted.checksum || this.#length > note.size) {
      return undefined;
    }
    const sum = new BodyCheck(note.checksum);
    try {
      await sumUp(readPieces(this.#handle, { from: 0, to: this.#length }), { sum, check });
    } catch (error) {
      if (error instanceof TransferError) throw error;
      // What cannot be read is at hand no more.
      return undefined;
    }
    return sum.bytes === this.#length ? { etag: note.etag, sum } : undefined;
  }

  /** Notes down what the part will be of; without a note nobody goes on with it. */
  async describe(note: PartNote | undefined): Promise<void> {
    const { notePath, path } = this.#target;
    await local(path, removeNote(notePath));
    if (note) await local(path, writeNote(notePath, note));
    this.#described = note !== undefined;
  }

  /** Appends a piece. */
  async write(piece: Uint8Array): Promise<void> {
    let rest = piece;
    while (rest.length > 0) {
      const { bytesWritten } = await local(
        this.#target.path,
        this.#handle.write(rest, 0, rest.length, this.#length),
      );
      this.#length += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  }

  /** Lets the part appear under the target's name, at once and whole. EEXIST if something is there that must stay. */
  async appear(how: Appearance): Promise<void> {
    await local(this.#target.path, this.#appear(how));
  }

  /** Leaves nothing of it. */
  async discard(): Promise<void> {
    // The note first: without it nobody goes on with the part, which may even be somebody else's by now.
    await removeNote(this.#target.notePath).catch(() => undefined);
    if (await this.#hasName().catch(() => false)) {
      await fs.unlink(this.#target.partPath).catch(() => undefined);
    }
    await this.release();
  }

  /** Lets go of it; what is at hand stays for a later call. May be called more than once. */
  async release(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await this.#unlock();
  }

  async #appear({ overwrite, durable, mtime, mode }: Appearance): Promise<void> {
    if (mode !== undefined) await this.#handle.chmod(mode);
    if (mtime) await this.#handle.utimes(new Date(), mtime);
    if (durable) await this.#sync();
    // Windows renames nothing that is open, and some file systems tell only now that there was no room.
    await this.#handle.close();
    if (!(await this.#hasName())) throw busy(this.#target);
    await this.#target.take(overwrite);
    await removeNote(this.#target.notePath);
    if (durable) await this.#target.syncDirectory();
  }

  async #sync(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (error) {
      // What the system could not write it tells only once: a later call would believe that it is on the disk.
      this.#described = false;
      throw error;
    }
  }

  async #hasName(): Promise<boolean> {
    return isSame(this.#stats, await unlessMissing(fs.lstat(this.#target.partPath, { bigint: true })));
  }
}

interface LockedFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  readonly unlock: () => Promise<void>;
}

async function openPart(target: LocalTarget, mode: number): Promise<LockedFile> {
  try {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const file = await openLocked(target.partPath, mode);
      if (file) return file;
    }
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  throw busy(target);
}

/** Opens a part and locks it; undefined where that is to be tried again. */
async function openLocked(partPath: string, mode: number): Promise<LockedFile | undefined> {
  const handle = await openOrCreate(partPath, mode);
  if (!handle) return undefined;
  let unlock = async (): Promise<void> => undefined;
  try {
    const stats = await handle.stat({ bigint: true });
    unlock = await lockOpened(stats);
    // Until the lock was there, another call may have given it its name, or removed it.
    const named = await unlessMissing(fs.lstat(partPath, { bigint: true }));
    if (isSame(stats, named)) {
      if (isOwn(stats)) return { handle, stats, unlock };
      await fs.unlink(partPath);
    }
  } catch (error) {
    await handle.close();
    await unlock();
    throw error;
  }
  await handle.close();
  await unlock();
  return undefined;
}

async function openOrCreate(partPath: string, mode: number): Promise<FileHandle | undefined> {
  const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | LOCK_FLAG;
  try {
    return await fs.open(partPath, flags);
  } catch (error) {
    if (hasCode(error, 'ELOOP', 'EMLINK', 'EFTYPE')) await fs.unlink(partPath);
    else if (!hasCode(error, 'ENOENT')) throw error;
  }
  try {
    return await fs.open(partPath, flags | O_CREAT | O_EXCL, mode);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** Whether nobody else can write what this call has verified: by another name of the file, or as its owner. */
function isOwn(stats: BigIntStats): boolean {
  const uid = process.geteuid?.();
  return stats.isFile() && stats.nlink === 1n && (uid === undefined || stats.uid === BigInt(uid));
}

function isSame(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return other?.ino === one.ino && other.dev === one.dev;
}

function busy(target: LocalTarget): Error {
  return localError('EBUSY', target.path, { meaning: 'Another download to it is under way.' });
}
