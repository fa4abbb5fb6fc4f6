/**
 * Uploads whose connection was lost, by their ids: how far the checksum has come and, where the storage cannot keep
 * what was written, the pending file itself. Those of a storage that can are of use after a restart without this.
 */
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile } from '../../storage/storage.js';

/** An upload that may be gone on with. */
export interface SuspendedUpload {
  readonly path: RemotePath;
  /** Of the first bytes that were written; perhaps not of all. */
  readonly check: BodyChecksum;
  /** What was written, unless the storage keeps it. */
  readonly held: HeldFile | undefined;
}

/** A pending file that no storage keeps. */
export interface HeldFile {
  readonly pending: PendingFile;
  readonly bytes: number;
  /** Whether it continues a file; then `bytes` are those that were added. */
  readonly append: boolean;
  /** The conditions under which it will be committed. */
  readonly overwrite: boolean;
  readonly ifMatch: string | undefined;
}

/** How many are kept, and how long. */
export interface SuspendedUploadLimits {
  readonly maxSuspendedUploads: number;
  readonly suspendedExpiryMs: number;
}

export class SuspendedUploads {
  readonly #bounds: SuspendedUploadLimits;
  readonly #uploads = new Map<string, { upload: SuspendedUpload; timer: NodeJS.Timeout }>();
  readonly #discarding = new Set<Promise<void>>();
  #closed = false;

  constructor(bounds: SuspendedUploadLimits) {
    this.#bounds = bounds;
  }

  /** Keeps one until it expires, or is the oldest of too many. */
  keep(id: string, upload: SuspendedUpload): void {
    this.drop(id);
    if (this.#closed) return this.#discard(upload);
    const timer = setTimeout(() => this.drop(id), this.#bounds.suspendedExpiryMs).unref();
    this.#uploads.set(id, { upload, timer });
    const [oldest] = this.#uploads.keys();
    if (this.#uploads.size > this.#bounds.maxSuspendedUploads && oldest !== undefined) this.drop(oldest);
  }

  /** Gives one back to who goes on with it; one for another path is thrown away. */
  take(id: string, path: RemotePath): SuspendedUpload | undefined {
    const kept = this.#uploads.get(id);
    if (kept?.upload.path !== path) {
      this.drop(id);
      return undefined;
    }
    clearTimeout(kept.timer);
    this.#uploads.delete(id);
    return kept.upload;
  }

  /** Throws one away. */
  drop(id: string): void {
    const kept = this.#uploads.get(id);
    if (!kept) return;
    this.#uploads.delete(id);
    clearTimeout(kept.timer);
    this.#discard(kept.upload);
  }

  /** Throws all away; resolves when no pending file is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const id of [...this.#uploads.keys()]) this.drop(id);
    await Promise.all(this.#discarding);
  }

  #discard({ held }: SuspendedUpload): void {
    if (!held) return;
    const discarding = discardQuietly(held.pending);
    this.#discarding.add(discarding);
    void discarding.then(() => this.#discarding.delete(discarding));
  }
}

/** There is nobody left who could be told that it failed. */
async function discardQuietly(pending: PendingFile): Promise<void> {
  try {
    await pending.discard();
  } catch {
    // The storage keeps what it does not let go of.
  }
}
