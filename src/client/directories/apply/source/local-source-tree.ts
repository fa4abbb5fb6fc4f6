/** The local files of an upload by their paths in a plan. */
import type { Stats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { constants } from 'node:fs';
import { TransferError } from '../../../../errors.js';
import { withLocalPath } from '../../../local/local-error.js';
import type { SyncVersion } from '../../sync-action.js';
import { checkedPath, type LocalNames } from '../target/local-names.js';
import { isVersion } from '../target/sync-target.js';

// A pipe has no end, and may have no writer.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

export class LocalSourceTree {
  readonly #root: string;
  readonly #names: LocalNames;

  constructor(root: string, names: LocalNames) {
    this.#root = root;
    this.#names = names;
  }

  /** Does work with the local path of a file. EILSEQ for a name that no string can hold, outside of Linux. */
  async use<Value>(below: string, work: (localPath: string) => Promise<Value>): Promise<Value> {
    const names = checkedPath(below, this.#names)
      .split('/')
      .map((name) => this.#names.toLocal(name));
    if (names.every((name) => typeof name === 'string')) return work(path.join(this.#root, ...names));
    const bytes = names.map((name) => Buffer.concat([Buffer.from(path.sep), Buffer.from(name)]));
    if (process.platform !== 'linux') throw new TransferError('EILSEQ', undefined, { path: below });
    const opening = fs.open(Buffer.concat([Buffer.from(this.#root), ...bytes]), FLAGS);
    const handle = await withLocalPath(below, opening);
    try {
      return await work(`/proc/self/fd/${handle.fd}`);
    } finally {
      await handle.close();
    }
  }

  /** Whether a file is not the planned version. ENOENT, ... */
  differs(below: string, planned: SyncVersion): Promise<boolean> {
    return this.use(below, async (localPath) => {
      const stats = await withLocalPath(localPath, fs.stat(localPath));
      return isOther(stats, planned);
    });
  }

  /** The bytes of a file from an offset to the planned size. Ends with ESTALE if the file is not the planned version. */
  async *tail(below: string, from: number, planned: SyncVersion): AsyncGenerator<Buffer, void, undefined> {
    const handle = await this.use(below, (localPath) => withLocalPath(localPath, fs.open(localPath, FLAGS)));
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

async function assertVersion(handle: FileHandle, planned: SyncVersion): Promise<void> {
  if (isOther(await handle.stat(), planned)) throw new TransferError('ESTALE');
}

function isOther(stats: Stats, planned: SyncVersion): boolean {
  // Rounded as the mtime of an entry.
  return !stats.isFile() || !isVersion(planned, { size: stats.size, mtimeMs: stats.mtimeMs });
}
