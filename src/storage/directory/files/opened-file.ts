/** A file that is open for reading: the version that it was then, whatever happens to its name. */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import type { StoredFile } from '../../storage.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { toFileEntry, etagOf, kindOf, permissionsOf } from '../calls/file-entry.js';
import { fileFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import type { OpenDirectory } from '../walk/open-directory.js';

// Without O_NONBLOCK the opening of a FIFO blocks a thread until somebody writes to it, perhaps for ever; without
// O_NOCTTY a terminal may become the one of this process.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
/** How a file is opened that is named by somebody else. */
export const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/** Openings of a file that is replaced each time, where that cannot be told from being led astray. */
const MAX_ATTEMPTS = 10;

const COPY_BYTES = 256 * 1024;

export class OpenedFile implements StoredFile {
  readonly entry: FileEntry;
  /** A path that leads to the very file that is open; undefined where there is none. */
  readonly handlePath: string | undefined;
  readonly #calls: FileCalls;
  readonly #stats: Stats;
  readonly #fd: number;

  private constructor(
    calls: FileCalls,
    opened: { entry: FileEntry; stats: Stats; fd: number; byHandle: boolean },
  ) {
    this.#calls = calls;
    this.entry = opened.entry;
    this.#stats = opened.stats;
    this.#fd = opened.fd;
    this.handlePath = opened.byHandle ? `/proc/self/fd/${opened.fd}` : undefined;
  }

  /** Opens a file. EISDIR; ELOOP for a symbolic link; EACCES for what is neither. */
  static async open(site: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    if (path === REMOTE_ROOT) throw new TransferError('EISDIR');
    for (let attempt = 1; ; attempt++) {
      try {
        return await OpenedFile.#open(site, path);
      } catch (error) {
        // A new version that comes between opening and comparing is no attack, and does not come for ever.
        if (attempt === MAX_ATTEMPTS || !hasErrno(error, 'EBUSY')) throw error;
      }
    }
  }

  static #open({ calls, tree }: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    return tree.inParent(path, async (directory, name) => {
      const fd = await openLeaf(calls, directory, name);
      try {
        const stats = await calls.fstat(fd);
        if (kindOf(stats) === 'directory') throw new TransferError('EISDIR');
        const { byHandle } = directory;
        if (!byHandle) await directory.confirmOpened(name, stats);
        return new OpenedFile(calls, { entry: toFileEntry(path, stats), stats, fd, byHandle });
      } catch (error) {
        await calls.close(fd, 0).catch(() => undefined);
        throw error;
      }
    });
  }

  get permissions(): number {
    return permissionsOf(this.#stats);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#calls.read(this.#fd, target, position);
    } catch (error) {
      throw fileFailure(error, this.entry.path);
    }
  }

  /** The whole file, piece by piece; a piece is valid until the next is asked for. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(COPY_BYTES);
    let position = 0;
    for (;;) {
      const bytes = await this.read(buffer, position);
      if (bytes === 0) return;
      yield buffer.subarray(0, bytes);
      position += bytes;
    }
  }

  async etag(): Promise<string | undefined> {
    try {
      const now = await this.#calls.fstat(this.#fd);
      return isOnlyUnlinked(this.#stats, now) ? this.entry.etag : etagOf(now);
    } catch (error) {
      throw fileFailure(error, this.entry.path);
    }
  }

  async close(): Promise<void> {
    // Nothing was written, so that there is nothing that a failure could mean.
    await this.#calls.close(this.#fd, this.entry.size).catch(() => undefined);
  }
}

async function openLeaf(calls: FileCalls, directory: OpenDirectory, name: string): Promise<number> {
  // Where there is no O_NOFOLLOW the name is looked at first, and `confirmOpened` compares afterwards.
  if (!directory.byHandle) kindOf(await calls.lstat(directory.at(name)));
  return calls.open(directory.at(name), READ_FLAGS, 0);
}

/**
 * Whether a file lost a name and nothing else: that changes its ctime, but a version that was replaced while it is
 * read is the same version.
 */
function isOnlyUnlinked(before: Stats, now: Stats): boolean {
  return now.nlink < before.nlink && now.size === before.size && now.mtimeNs === before.mtimeNs;
}
