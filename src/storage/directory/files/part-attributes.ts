/** The owner and the permissions of a part file: those of the file that it replaces, unless the client names permissions. */
import { constants } from 'node:fs';
import { hasErrno } from '../../../fs/errno.js';
import { modifiedUploadError } from '../../path-error.js';
import type { StorageWriteOptions } from '../../storage.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { HAS_MODES, isSameFile, permissionsOf } from '../calls/file-entry.js';

const { O_RDONLY, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

export class PartAttributes {
  readonly #calls: FileCalls;
  readonly #named: number | undefined;
  #mode: number | undefined;
  #owner: Pick<Stats, 'uid' | 'gid'> | undefined;

  /** @param named - the permission bits that the client has named */
  constructor(calls: FileCalls, named: number | undefined) {
    this.#calls = calls;
    this.#named = named;
  }

  /**
   * Takes the owner of the file that the part replaces, and the permissions that the client has named, or those of that
   * file; the permissions only if they include `bits`.
   */
  async take(fd: number, existing: Stats | undefined, bits: number): Promise<void> {
    if (existing) await this.setOwner(fd, existing);
    const mode = this.#named ?? (existing && permissionsOf(existing));
    if (mode !== undefined && (mode & bits) === bits) await this.setMode(fd, mode);
  }

  /** Permission bits that were set explicitly, not by the umask. */
  get mode(): number | undefined {
    return this.#mode;
  }

  /** The part file has these attributes. */
  note(stats: Stats): void {
    this.#mode = permissionsOf(stats);
    this.#owner = stats;
  }

  async setMode(fd: number, mode: number): Promise<void> {
    await this.#calls.fchmod(fd, mode);
    this.#mode = mode;
  }

  /** Sets the owner and the group, if this process may: only the superuser can give a file away. */
  async setOwner(fd: number, { uid, gid }: Stats): Promise<void> {
    this.#owner = { uid, gid };
    if (!isSuperuser()) return;
    // A file system without owners, or one with a quota for each of them, refuses. The content matters more.
    await this.#calls.fchown(fd, Number(uid), Number(gid)).catch(() => undefined);
  }

  /**
   * Sets the named permissions, and the attributes of an existing file, which may have changed since the part file was
   * created, by the path of the part file, which has these `stats`. ESTALE for another file; ELOOP for a link; EACCES for a
   * file that may be neither read nor written.
   */
  async update({ path, stats }: { path: string; stats: Stats }, existing: Stats | undefined): Promise<void> {
    const mode = this.#named ?? (existing && permissionsOf(existing));
    if (mode === undefined) return;
    const hasOwner = !existing || (existing.uid === this.#owner?.uid && existing.gid === this.#owner.gid);
    if (mode === this.#mode && (hasOwner || !isSuperuser())) return;
    const fd = await this.#open(path);
    try {
      if (!isSameFile(await this.#calls.fstat(fd), stats)) throw modifiedUploadError();
      if (!hasOwner) await this.setOwner(fd, existing);
      await this.setMode(fd, mode);
    } finally {
      await this.#calls.close(fd, 0).catch(() => undefined);
    }
  }

  // `chmod` would follow a symbolic link that has replaced the file.
  async #open(path: string): Promise<number> {
    try {
      return await this.#calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    } catch (error) {
      if (!hasErrno(error, 'EACCES')) throw error;
      return this.#calls.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    }
  }
}

/** The permission bits that a client has named, where files have any. */
export function namedMode({ mode }: StorageWriteOptions): number | undefined {
  return HAS_MODES ? mode : undefined;
}

/** Whether this process may give files to other users. */
export function isSuperuser(): boolean {
  return process.geteuid?.() === 0;
}
