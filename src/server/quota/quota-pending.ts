/** A version that is being written within a quota: what does not fit ends it, and nothing of it stays. */
import type { FileEntry } from '../../protocol/entry.js';
import type { PendingFile } from '../../storage/storage.js';
import type { QuotaReservation } from './quota-reservation.js';

/** What is written, and where it counts. */
export interface QuotaVersion {
  readonly pending: PendingFile;
  readonly room: QuotaReservation;
  /** Bytes that are there already. */
  readonly bytes: number;
  /** Under which it can be gone on with. */
  readonly uploadId: string | undefined;
  /** Whether one more may be suspended. */
  readonly canSuspend: () => boolean;
}

/** The version with its room, and just the methods that it has. */
export function quotaPending(version: QuotaVersion): PendingFile {
  const { pending } = version;
  const suspend = pending.suspend?.bind(pending);
  const read = pending.read?.bind(pending);
  const counted = new CountedVersion(version);
  return {
    write: (pieces) => counted.write(pieces),
    commit: (commitToken) => counted.commit(commitToken),
    discard: () => counted.discard(),
    ...(suspend && { suspend: () => counted.suspend(suspend) }),
    ...(read && { read }),
  };
}

class CountedVersion {
  readonly #version: QuotaVersion;
  #bytes: number;
  #isOver = false;

  constructor(version: QuotaVersion) {
    this.#version = version;
    this.#bytes = version.bytes;
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    const { pending, room } = this.#version;
    const bytes = pieces.reduce((sum, { length }) => sum + length, this.#bytes);
    return this.#orDiscard(async () => {
      // One that is over takes no room any more, and refuses what it is given.
      if (!this.#isOver) await room.grow(bytes);
      await pending.write(pieces);
      this.#bytes = bytes;
    });
  }

  async commit(commitToken: string | undefined): Promise<FileEntry> {
    const { pending, room } = this.#version;
    if (this.#isOver) return pending.commit(commitToken);
    const entry = await this.#orDiscard(() => room.settle(this.#bytes, () => pending.commit(commitToken)));
    this.#end();
    return entry;
  }

  async discard(): Promise<void> {
    await this.#version.pending.discard();
    this.#end();
  }

  async suspend(suspend: () => Promise<void>): Promise<void> {
    const { uploadId, canSuspend, room } = this.#version;
    if (this.#isOver || uploadId === undefined || !canSuspend()) return this.discard();
    this.#isOver = true;
    try {
      await suspend();
      await room.suspend(this.#bytes, uploadId);
    } finally {
      room.close();
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
    this.#isOver = true;
    this.#version.room.close();
  }
}
