/**
 * A directory of the tree, reached without following a symbolic link. Two classes implement it:
 *
 *     HandleDirectory   holds a descriptor; later changes of the path cannot lead elsewhere (Linux with `/proc`)
 *     NamedDirectory    holds a path; the names are checked before and after use, which leaves a gap for an attacker
 */
import { constants, type Dirent } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessDenied } from '../../../fs/errno.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { NAMES_PER_READ } from '../calls/names-reader.js';
import { isSameFile } from '../calls/file-entry.js';

const { O_RDONLY, O_DIRECTORY } = constants;

export abstract class OpenDirectory {
  /** Whether the directory is reached by a descriptor, so that `/proc/self/fd` leads to what is open. */
  abstract readonly byHandle: boolean;
  /** The path of the directory for system calls. */
  readonly self: string;
  protected readonly calls: FileCalls;

  constructor(calls: FileCalls, self: string) {
    this.calls = calls;
    this.self = self;
  }

  /** Opens a directory in this one. ENOENT; ENOTDIR; ELOOP for a symbolic link. */
  abstract enter(name: string): Promise<OpenDirectory>;

  /** Sets the mode of the file or directory with these `stats` at a name, without following a link. EBUSY for another one. */
  abstract chmod(name: string, stats: Stats, mode: number): Promise<void>;

  /** The path of a name in this directory for system calls, which must not follow a link there. */
  at(name: string): string {
    return `${this.self}/${name}`;
  }

  /** Reads the names, without `.` and `..`, a few hundred at a time. */
  async *names(): AsyncGenerator<Dirent> {
    const directory = await this.calls.opendir(this.self, NAMES_PER_READ);
    try {
      for (let next = await directory.read(); next; next = await directory.read()) yield next;
    } finally {
      await directory.close();
    }
  }

  /** Rejects if the path no longer leads here: ELOOP, EBUSY. */
  async confirm(): Promise<void> {
    // A descriptor always leads to the same directory.
  }

  /** Rejects if `name` no longer stands for the file that was opened under it and has these `stats`. */
  async confirmOpened(_name: string, _stats: Stats): Promise<void> {
    // The file was opened through a descriptor, and without following a link.
  }

  /**
   * Writes changed names to the disk: a rename is durable only when its directory is. False for a directory that this
   * process may change and not read: the system flushes only what is open for reading or writing.
   */
  async sync(): Promise<boolean> {
    // Windows has no such call; NTFS keeps a journal of names.
    if (process.platform === 'win32') return true;
    const fd = await unlessDenied(this.calls.open(this.self, O_RDONLY | O_DIRECTORY, 0));
    if (fd === undefined) return false;
    try {
      await this.calls.fsync(fd);
    } finally {
      await this.calls.close(fd, 0);
    }
    return true;
  }

  /** Calls `work` with the descriptor of a name, provided that it has these `stats`, and closes it. EBUSY. */
  protected async withOpened(fd: number, stats: Stats, work: () => Promise<void>): Promise<void> {
    try {
      if (!isSameFile(await this.calls.fstat(fd), stats)) throw replacedError();
      await work();
    } finally {
      await this.calls.close(fd, 0).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    // A directory without a descriptor holds nothing.
  }
}

/** EBUSY: the name stands for something else than before. */
export function replacedError(): TransferError {
  return new TransferError('EBUSY', 'Another file or directory took this name during the operation.');
}
