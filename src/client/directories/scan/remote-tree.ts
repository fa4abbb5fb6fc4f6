/** The tree below a directory of the server. */
import { TransferError } from '../../../errors.js';
import type { ScannedDirectory, ScannedEntry, Tree } from './tree.js';

/** An entry that the server lists. */
interface RemoteEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly mtime: Date;
  readonly etag?: string | undefined;
  readonly mode?: number | undefined;
}

interface Options {
  readonly signal: AbortSignal;
}

/** The methods of a `FileClient` that planning calls. None of them changes anything. */
export interface RemoteReader {
  list(path: string, options: Options): AsyncIterable<RemoteEntry> & { readonly omitted: number | undefined };
  stat(path: string, options: Options): Promise<RemoteEntry>;
  checksum(path: string, algorithm: 'sha256', options: Options): Promise<string>;
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

  async list(path: string, signal: AbortSignal): Promise<ScannedDirectory> {
    const listing = this.#client.list(this.#at(path), { signal });
    const entries: ScannedEntry[] = [];
    for await (const entry of listing) entries.push(scannedEntry(entry));
    return { entries, omitted: listing.omitted ?? 0 };
  }

  async checksum(path: string, signal: AbortSignal): Promise<string> {
    return this.#client.checksum(this.#at(path), 'sha256', { signal });
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
