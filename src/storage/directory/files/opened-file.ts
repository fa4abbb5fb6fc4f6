/** A file that is open for reading. It stays the same version when its name is removed or given to another file. */
import { TransferError } from '../../../errors.js';
import { hasErrno } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';
import type { StoredFile } from '../../storage.js';
import { READ_FLAGS, type FileCalls, type Stats } from '../calls/file-calls.js';
import { kindOf, permissionsOf } from '../calls/file-entry.js';
import { fileFailure } from '../calls/file-failure.js';
import type { DirectoryContext } from '../directory-context.js';
import type { Versions } from '../versions.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { FileGrowth } from '../watching/file-growth.js';
import { readAhead, type ReadAhead } from './read-ahead.js';

/** Attempts to open a file that is replaced each time; a named directory cannot tell that from an attack. */
const MAX_ATTEMPTS = 10;

const COPY_BYTES = 256 * 1024;

export class OpenedFile implements StoredFile {
  readonly entry: FileEntry;
  /** A path to the open file itself, if the system has one, and knows the size. */
  readonly handlePath: string | undefined;
  readonly #calls: FileCalls;
  readonly #versions: Versions;
  readonly #stats: Stats;
  readonly #fd: number;
  #content: ReadAhead | undefined;
  #growth: FileGrowth | undefined;

  private constructor(
    { calls, versions }: DirectoryContext,
    opened: { entry: FileEntry; stats: Stats; fd: number; byHandle: boolean; content: ReadAhead | undefined },
  ) {
    this.#calls = calls;
    this.#versions = versions;
    this.entry = withContent(opened.entry, opened.content);
    this.#stats = opened.stats;
    this.#fd = opened.fd;
    this.#content = opened.content;
    this.handlePath =
      opened.byHandle && opened.content?.hash === undefined ? `/proc/self/fd/${opened.fd}` : undefined;
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

  static #open(context: DirectoryContext, path: RemotePath): Promise<OpenedFile> {
    const { calls, resolver, versions } = context;
    return resolver.inParent(path, async (directory, name) => {
      const fd = await openFile(calls, directory, name);
      try {
        const stats = await calls.fstat(fd);
        if (kindOf(stats) === 'directory') throw new TransferError('EISDIR');
        const { byHandle } = directory;
        if (!byHandle) await directory.confirmOpened(name, stats);
        const content = await readAhead(calls, fd, stats);
        const entry = await versions.entry(path, stats, fd);
        return new OpenedFile(context, { entry, stats, fd, byHandle, content });
      } catch (error) {
        await calls.close(fd, 0).catch(() => undefined);
        throw error;
      }
    });
  }

  get permissions(): number {
    return permissionsOf(this.#stats);
  }

  /** Whether the file has holes: it occupies less than its size. Windows reports no blocks. */
  get isSparse(): boolean {
    const { blocks, size } = this.#stats;
    return blocks > 0n ? blocks * 512n < size : size > 0n && process.platform !== 'win32';
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    if (this.#content) {
      const bytes = this.#content.bytes.subarray(position, position + target.length);
      target.set(bytes);
      return bytes.length;
    }
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
    return (await this.stat()).etag;
  }

  async stat(): Promise<FileEntry> {
    if (this.#content?.hash !== undefined) return this.entry;
    try {
      const now = await this.#calls.fstat(this.#fd);
      return isReplaced(this.#stats, now)
        ? this.entry
        : await this.#versions.entry(this.entry.path, now, this.#fd);
    } catch (error) {
      throw fileFailure(error, this.entry.path);
    }
  }

  grown(signal: AbortSignal): Promise<void> {
    // A virtual file has no other bytes than those that were read.
    if (this.#content?.hash === undefined) this.#content = undefined;
    this.#growth ??= new FileGrowth(this.handlePath);
    return this.#growth.next(signal);
  }

  async close(): Promise<void> {
    this.#growth?.close();
    // Nothing was written, so a failure loses nothing.
    await this.#calls.close(this.#fd, this.entry.size).catch(() => undefined);
  }
}

/** The entry of a file whose content was read: that of a virtual file has the size and the hash of the content. */
function withContent(entry: FileEntry, content: ReadAhead | undefined): FileEntry {
  if (content?.hash === undefined) return entry;
  return { ...entry, size: content.bytes.length, etag: `${entry.etag}-${content.hash}` };
}

async function openFile(calls: FileCalls, directory: OpenDirectory, name: string): Promise<number> {
  // Systems without O_NOFOLLOW need an `lstat` before; `confirmOpened` compares afterwards.
  if (!directory.byHandle) kindOf(await calls.lstat(directory.at(name)));
  return calls.open(directory.at(name), READ_FLAGS, 0);
}

/** Whether a file lost its last name and nothing else. That changes its ctime, but it is still the same version. */
function isReplaced(before: Stats, now: Stats): boolean {
  return now.nlink === 0n && now.size === before.size && now.mtimeNs === before.mtimeNs;
}
