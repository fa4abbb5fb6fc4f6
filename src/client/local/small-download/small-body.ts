/** Collects the body of a download in memory if it is small. The body of a larger one stays in the stream. */
import type { Download } from '../../streams/download.js';

/** Largest small file in bytes: fetching it again after a failure costs about as much as asking for the rest of it. */
export const MAX_SMALL_BYTES = 64 * 1024;

export class SmallBody {
  readonly #pieces: Buffer[] = [];
  readonly #ended: Promise<void>;

  /** @param download - one that has begun in this tick */
  constructor(download: Download) {
    this.#ended = new Promise((resolve, reject) => {
      download.once('end', resolve);
      download.once('error', reject);
    });
    this.#ended.catch(() => undefined);
    // Before the first byte: afterwards an error could have been emitted already.
    download.onRange = (bytes) => {
      if (bytes <= MAX_SMALL_BYTES) download.on('data', (piece: Buffer) => this.#pieces.push(piece));
    };
  }

  /** All bytes. Rejects with the error of the download. */
  async pieces(): Promise<readonly Buffer[]> {
    await this.#ended;
    return this.#pieces;
  }
}
