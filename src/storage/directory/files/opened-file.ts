/** A file that is open for reading. It stays the same version when its name is removed or given to another file. */
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

// Without O_NONBLOCK, opening a FIFO blocks a thread until a writer opens it too. Without O_NOCTTY, a terminal may become
// the controlling terminal of this process.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
/** The flags for opening a path that a client has named. */
export const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/** Attempts to open a file that is replaced each time; a named directory cannot tell that from an attack. */
const MAX_ATTEMPTS = 10;

const COPY_BYTES = 256 * 1024;

export class OpenedFile implements StoredFile {
  readonly entry: FileEntry;
  /** A path to the open file itself, if the system has one. */
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

  /** Opens a file. EISDIR; ELOOP for a symbolic link; EACCES for a device, FIFO or socket. */
  static async open(context: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    if (path === REMOTE_ROOT) throw new TransferError('EISDIR');
    for (let attempt = 1; ; attempt++) {
      try {
        return await OpenedFile.#open(context, path);
      } catch (error) {
        // A new version was committed between opening and comparing.
        if (attempt === MAX_ATTEMPTS || !hasErrno(error, 'EBUSY')) throw error;
      }
    }
  }

  /** As `open`. ENOTSUP for a virtual file, as in `/proc`, that reports the size 0 and has content. */
  static async openSized(context: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    const file = await OpenedFile.open(context, path);
    try {
      if (file.entry.size === 0 && (await file.read(Buffer.alloc(1), 0)) > 0) {
        throw new TransferError('ENOTSUP', 'The file system does not report the size of the file.', { path });
      }
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  static #open({ calls, resolver }: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    return resolver.inParent(path, async (directory, name) => {
      const fd = await openFile(calls, directory, name);
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

  /** Reads the whole file; a piece is valid until the next one is read. */
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
    // Nothing was written, so a failure loses nothing.
    await this.#calls.close(this.#fd, this.entry.size).catch(() => undefined);
  }
}

async function openFile(calls: FileCalls, directory: OpenDirectory, name: string): Promise<number> {
  // Systems without O_NOFOLLOW need an `lstat` before; `confirmOpened` compares afterwards.
  if (!directory.byHandle) kindOf(await calls.lstat(directory.at(name)));
  return calls.open(directory.at(name), READ_FLAGS, 0);
}

/** Whether a file lost a name and nothing else. That changes its ctime, but a replaced file is still the same version. */
function isOnlyUnlinked(before: Stats, now: Stats): boolean {
  return now.nlink < before.nlink && now.size === before.size && now.mtimeNs === before.mtimeNs;
}
