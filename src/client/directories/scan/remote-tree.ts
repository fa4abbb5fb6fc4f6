/** The tree below a directory of the server. */
import { TransferError } from '../../../errors.js';
import type { ListRequest, ScannedEntry, Tree } from './tree.js';

/** Entries of a directory on the server, which are in memory while it is compared: about 70 MB. */
export const MAX_DIRECTORY_ENTRIES = 2_000_000;

/** An entry that the server lists. */
interface RemoteEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly mtime: Date;
  readonly etag?: string | undefined;
  readonly mode?: number | undefined;
}

/** Characters of their paths and etags: the server chooses the lengths. */
const MAX_DIRECTORY_TEXT = 256 * 1024 * 1024;

interface Options {
  readonly signal: AbortSignal;
}

/** The methods of a `FileClient` that planning calls. None of them changes anything. */
export interface RemoteReader {
  list(path: string, options: Options): AsyncIterable<RemoteEntry> & { readonly omitted: number | undefined };
  stat(path: string, options: Options): Promise<RemoteEntry>;
  checksum(path: string, algorithm: 'sha256', options: Options & { length?: number }): Promise<string>;
}

export class RemoteTree implements Tree {
  readonly mtimeStepMs = 1;
  // Files are created with `overwrite: false`, so that a wrong guess is an error of one file.
  readonly foldsNames = false;
  hasModes = false;
  readonly #client: RemoteReader;
  readonly #root: string;

  /** @param root - a path below the root of the storage; `''` is the root */
  constructor(client: RemoteReader, root: string) {
    this.#client = client;
    this.#root = root;
  }

  // Servers refuse to set the time of their root.
  get canTouchRoot(): boolean {
    return this.#root !== '';
  }

  async stat(path: string, signal: AbortSignal): Promise<ScannedEntry | undefined> {
    try {
      const entry = scannedEntry(await this.#client.stat(this.#at(path), { signal }));
      this.hasModes ||= entry.mode !== undefined;
      return entry;
    } catch (error) {
      if (error instanceof TransferError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return undefined;
      throw error;
    }
  }

  async list(path: string, { signal, maxEntries = Infinity, add }: ListRequest): Promise<number> {
    const max = Math.min(maxEntries, MAX_DIRECTORY_ENTRIES);
    const listing = this.#client.list(this.#at(path), { signal });
    let [count, textLength] = [0, 0];
    for await (const entry of listing) {
      textLength += entry.path.length + (entry.etag?.length ?? 0);
      if (++count > max)
        throw new TransferError('EFLOOD', `A directory has more than ${max} entries.`, {
          path,
        });
      if (textLength > MAX_DIRECTORY_TEXT)
        throw new TransferError('EFLOOD', 'The paths and etags of a directory are too long.', { path });
      add(scannedEntry(entry));
    }
    return listing.omitted ?? 0;
  }

  async checksum(path: string, signal: AbortSignal): Promise<string> {
    return this.#client.checksum(this.#at(path), 'sha256', { signal });
  }

  async prefixChecksum(path: string, bytes: number, signal: AbortSignal): Promise<string> {
    return this.#client.checksum(this.#at(path), 'sha256', { signal, length: bytes });
  }

  #at(path: string): string {
    return path === '' || this.#root === '' ? `/${this.#root}${path}` : `/${this.#root}/${path}`;
  }
}

function scannedEntry({ path, kind, size, mtime, etag, mode }: RemoteEntry): ScannedEntry {
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    size,
    mtimeMs: mtime.getTime(),
    mode,
    etag,
  };
}
