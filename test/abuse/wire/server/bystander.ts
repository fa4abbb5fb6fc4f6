/** A well-behaved client with an active upload and an active download during abuse by others. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'vitest';
import { FileClient, type DownloadStream, type UploadStream } from '../../../../src/index.js';
import { bytesOf } from '../../../support/bytes.js';

/** Bytes of the download: more than a window and a piece for each case, so that it is active to the end. */
const DOWNLOAD_BYTES = 16_000_000;
const DOWNLOAD_PIECE = 500;

/** Bytes of the upload, all of which a storage in memory keeps. */
const UPLOAD_BYTES = 2_000_000;
const UPLOAD_PIECE = 100;

/** The content of `huge` on the server. */
export const huge = bytesOf(DOWNLOAD_BYTES);

export class Bystander {
  readonly client: FileClient;
  readonly #download: DownloadStream;
  readonly #upload: UploadStream;
  readonly #downloaded = createHash('sha256');
  #uploaded = 0;
  #stepping: Promise<void> | undefined;
  /** Steps that went well. */
  stepsTaken = 0;

  constructor(port: number) {
    this.client = new FileClient({ port, reconnect: false });
    this.#download = this.client.download('huge');
    this.#upload = this.client.upload('allowed');
    // Checked by `finish`.
    this.#upload.on('error', () => undefined);
    this.#download.on('error', () => undefined);
    this.#upload.completed.catch(() => undefined);
  }

  /** Advances both transfers, and sends a small request. Concurrent callers wait for the same step. */
  step(): Promise<void> {
    this.#stepping ??= this.#step().finally(() => (this.#stepping = undefined));
    return this.#stepping;
  }

  /** Moves all that is left. Fails unless both have come through whole. */
  async finish(): Promise<void> {
    await this.#stepping;
    for await (const piece of this.#download) this.#downloaded.update(piece as Buffer);
    this.#upload.end(huge.subarray(this.#uploaded, UPLOAD_BYTES));
    await this.#upload.completed;
    expect(this.#downloaded.digest('hex')).toBe(createHash('sha256').update(huge).digest('hex'));
    const stored = await this.client.readFile('allowed');
    expect(stored.equals(huge.subarray(0, UPLOAD_BYTES))).toBe(true);
    await this.client.close();
  }

  async #step(): Promise<void> {
    await this.client.stat('small');
    const broken = this.#download.errored ?? this.#upload.errored;
    if (broken) throw broken;
    this.stepsTaken += 1;
    const piece = this.#download.read(DOWNLOAD_PIECE) as Buffer | null;
    if (piece) this.#downloaded.update(piece);
    if (this.#uploaded + UPLOAD_PIECE >= UPLOAD_BYTES) return;
    const room = this.#upload.write(huge.subarray(this.#uploaded, this.#uploaded + UPLOAD_PIECE));
    this.#uploaded += UPLOAD_PIECE;
    if (!room) await once(this.#upload, 'drain');
  }
}
