/** A version that is written within a quota. A write or commit that does not fit discards the version. */
import type { FileEntry } from '../../protocol/entry.js';
import type { PendingFile } from '../../storage/storage.js';
import type { QuotaReservation } from './quota-reservation.js';

/** The version to count. */
export interface CountedVersion {
  readonly pending: PendingFile;
  readonly reservation: QuotaReservation;
  /** Bytes that an earlier attempt has written. */
  readonly bytes: number;
  /** Undefined if the version cannot be resumed. */
  readonly uploadId: string | undefined;
}

/** Has `suspend` and `read` if the pending file of the storage has them. */
export class CountedPendingFile implements PendingFile {
  readonly suspend?: () => Promise<void>;
  readonly read?: NonNullable<PendingFile['read']>;
  readonly #version: CountedVersion;
  #bytes: number;
  #ended = false;

  constructor(version: CountedVersion) {
    const { pending, bytes } = version;
    this.#version = version;
    this.#bytes = bytes;
    const suspend = pending.suspend?.bind(pending);
    if (suspend) this.suspend = () => this.#suspend(suspend);
    if (pending.read) this.read = pending.read.bind(pending);
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    const { pending, reservation } = this.#version;
    const bytes = pieces.reduce((sum, { length }) => sum + length, this.#bytes);
    return this.#orDiscard(async () => {
      // After its end the version reserves nothing, and `pending` rejects the write.
      if (!this.#ended) await reservation.grow(bytes);
      await pending.write(pieces);
      this.#bytes = bytes;
    });
  }

  async commit(commitToken?: string): Promise<FileEntry> {
    const { pending, reservation } = this.#version;
    if (this.#ended) return pending.commit(commitToken);
    const entry = await this.#orDiscard(() =>
      reservation.commit(this.#bytes, () => pending.commit(commitToken)),
    );
    this.#end();
    return entry;
  }

  async discard(): Promise<void> {
    await this.#version.pending.discard();
    this.#end();
  }

  async #suspend(suspend: () => Promise<void>): Promise<void> {
    const { uploadId, reservation } = this.#version;
    if (this.#ended || uploadId === undefined || !reservation.canSuspend) return this.discard();
    this.#ended = true;
    try {
      await suspend();
      await reservation.suspend(this.#bytes, uploadId);
    } finally {
      reservation.close();
    }
  }

  async #orDiscard<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  #end(): void {
    this.#ended = true;
    this.#version.reservation.close();
  }
}
