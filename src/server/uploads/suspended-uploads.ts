/**
 * Uploads whose connection was lost, by id. For each: the checksum so far and, if the storage cannot suspend the pending
 * file, the pending file itself. Versions that the storage has suspended can be resumed without this, after a restart.
 */
import { systemClock } from '../../clock.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { PendingFile } from '../../storage/storage.js';

/** Held appends: each keeps a file open, and a copy of what it continues. */
const MAX_HELD_APPENDS = 16;

export interface SuspendedUpload {
  readonly path: RemotePath;
  /** Of the first bytes that were written, not always of all. */
  readonly check: BodyChecksum;
  /** The pending file, unless the storage has suspended it. */
  readonly held: HeldFile | undefined;
}

/** A pending file of a storage that cannot suspend it. */
export interface HeldFile {
  readonly pending: PendingFile;
  readonly bytes: number;
  /** Whether it continues a file; then `bytes` counts only the appended bytes. */
  readonly append: boolean;
  /** The conditions of its commit. */
  readonly overwrite: boolean;
  readonly ifMatch: string | undefined;
}

export interface SuspendedUploadLimits {
  readonly maxSuspendedUploads: number;
  readonly suspendedExpiryMs: number;
}

export class SuspendedUploads {
  readonly #limits: SuspendedUploadLimits;
  readonly #uploads = new Map<string, { upload: SuspendedUpload; expiry: Deadline; since: number }>();
  readonly #discarding = new Set<Promise<void>>();
  #closed = false;

  constructor(limits: SuspendedUploadLimits) {
    this.#limits = limits;
  }

  /** Keeps an upload until it expires, or is the oldest of too many. */
  keep(id: string, upload: SuspendedUpload): void {
    this.drop(id);
    if (this.#closed) return this.#discard(upload);
    const expiry = new Deadline(this.#limits.suspendedExpiryMs, () => this.drop(id)).unref();
    this.#uploads.set(id, { upload, expiry, since: systemClock() });
    if (upload.held?.append) this.#dropSurplusAppend();
    const [oldest] = this.#uploads.keys();
    if (this.#uploads.size > this.#limits.maxSuspendedUploads && oldest !== undefined) this.drop(oldest);
  }

  #dropSurplusAppend(): void {
    const appends = [...this.#uploads].filter(([, entry]) => entry.upload.held?.append);
    const [oldest] = appends;
    if (oldest && appends.length > MAX_HELD_APPENDS) this.drop(oldest[0]);
  }

  /** Removes an upload and returns it to be resumed. Discards it if it was for another path. */
  take(id: string, path: RemotePath): SuspendedUpload | undefined {
    const entry = this.#uploads.get(id);
    if (entry?.upload.path !== path) {
      this.drop(id);
      return undefined;
    }
    entry.expiry.stop();
    this.#uploads.delete(id);
    return entry.upload;
  }

  /** The bytes of an upload that the server holds, and when it may be discarded. */
  statusOf(id: string, path: RemotePath): { offset: number; expiresInMs: number } | undefined {
    const entry = this.#uploads.get(id);
    if (!entry?.upload.held || entry.upload.path !== path) return undefined;
    const keptMs = systemClock() - entry.since;
    // The expiry is never earlier: it does not count time in which the process was stopped.
    const expiresInMs = Math.max(0, Math.floor(this.#limits.suspendedExpiryMs - keptMs));
    return { offset: entry.upload.held.bytes, expiresInMs };
  }

  drop(id: string): void {
    const entry = this.#uploads.get(id);
    if (!entry) return;
    this.#uploads.delete(id);
    entry.expiry.stop();
    this.#discard(entry.upload);
  }

  /** Discards all uploads; resolves when no pending file is left. */
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

async function discardQuietly(pending: PendingFile): Promise<void> {
  try {
    await pending.discard();
  } catch {
    // No request is left that could report it.
  }
}
