/** The local files of an upload by their paths in a plan. */
import type { Stats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { constants } from 'node:fs';
import { TransferError } from '../../../../errors.js';
import { hasErrno } from '../../../../fs/errno.js';
import { withLocalPath } from '../../../local/local-error.js';
import { linkError } from '../../../local/local-source.js';
import type { SyncVersion } from '../../sync-action.js';
import { fsPath, localPathOf, type NamedPlace } from '../target/named-place.js';
import { isVersion } from '../target/sync-target.js';

// A pipe has no end, and may have no writer.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file of a plan. */
export interface SourcePlace extends NamedPlace {
  readonly source: SyncVersion;
}

export class LocalSourceTree {
  readonly #root: string;

  /** @param root - an absolute path */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Does work with the local path of a file. Outside of Linux, EILSEQ for a name that is not UTF-8. `refusesLink`: whether a
   * symbolic link at the path must not be followed, as it has come there since the plan was made.
   */
  async use<Value>(
    place: SourcePlace,
    work: (localPath: string, refusesLink: boolean) => Promise<Value>,
  ): Promise<Value> {
    const localPath = path.join(this.#root, localPathOf(place));
    const argument = fsPath(localPath);
    const refusesLink = place.source.isLink !== true;
    if (typeof argument === 'string') return work(argument, refusesLink);
    if (process.platform !== 'linux') throw new TransferError('EILSEQ', undefined, { path: place.path });
    const handle = await open(argument, { localPath, refusesLink });
    try {
      return await work(`/proc/self/fd/${handle.fd}`, false);
    } finally {
      await handle.close();
    }
  }

  /** The local path of a file; undefined for a name that is not UTF-8, which only `use` can open. */
  plainPath(place: NamedPlace): string | undefined {
    const localPath = this.#root + path.sep + localPathOf(place);
    return typeof fsPath(localPath) === 'string' ? localPath : undefined;
  }

  /** Whether a file is not the planned version. ENOENT, ... */
  async differs(place: SourcePlace): Promise<boolean> {
    try {
      return await this.use(place, async (localPath, refusesLink) => {
        const stat = refusesLink ? fs.lstat(localPath) : fs.stat(localPath);
        return isOther(await withLocalPath(localPath, stat), place.source);
      });
    } catch (error) {
      if (hasErrno(error, 'ESTALE')) return true;
      throw error;
    }
  }

  /** The bytes of a file from an offset to the planned size. Ends with ESTALE if the file is not the planned version. */
  async *tail(place: SourcePlace, from: number): AsyncGenerator<Buffer, void, undefined> {
    const { source: planned } = place;
    const handle = await this.use(place, (localPath, refusesLink) =>
      open(localPath, { localPath, refusesLink }),
    );
    try {
      await assertVersion(handle, planned);
      const range = { start: from, end: planned.size - 1, autoClose: false };
      if (from < planned.size)
        for await (const piece of handle.createReadStream(range)) yield piece as Buffer;
      // Before the upload ends, so that a mix of two versions is never stored.
      await assertVersion(handle, planned);
    } finally {
      await handle.close();
    }
  }
}

/** Opens a file for reading. ESTALE for a symbolic link, if `refusesLink`. */
async function open(
  argument: string | Buffer,
  { localPath, refusesLink }: { localPath: string; refusesLink: boolean },
): Promise<FileHandle> {
  try {
    return await withLocalPath(
      localPath,
      fs.open(argument, refusesLink ? FLAGS | constants.O_NOFOLLOW : FLAGS),
    );
  } catch (error) {
    throw refusesLink && hasErrno(error, 'ELOOP') ? linkError(localPath) : error;
  }
}

async function assertVersion(handle: FileHandle, planned: SyncVersion): Promise<void> {
  if (isOther(await handle.stat(), planned)) throw new TransferError('ESTALE');
}

function isOther(stats: Stats, planned: SyncVersion): boolean {
  // Rounded as the mtime of an entry.
  return !stats.isFile() || !isVersion(planned, { size: stats.size, mtimeMs: stats.mtimeMs });
}
