/** A file that is written, read and removed, to find out about permissions, clocks and rates. */
import { randomBytes } from 'node:crypto';
import type { FileClient } from '../../../index.js';

/** Bytes that are made at random; larger files repeat them. Links that compress must not look fast. */
const RANDOM_BYTES = 1024 * 1024;

/** Time to remove the file. */
const REMOVE_MS = 5_000;

export class TestFile {
  readonly path: string;
  readonly size: number;
  readonly #client: FileClient;

  /** @param directory - path of the directory on the server */
  constructor(client: FileClient, { directory, size }: { directory: string; size: number }) {
    this.#client = client;
    this.size = size;
    this.path = `${directory === '' ? '' : `${directory}/`}.socket-ftp-doctor-${randomBytes(8).toString('hex')}`;
  }

  /** Resolves with the rate, and with the time that the server has given to the file. */
  async write(signal: AbortSignal): Promise<{ bytesPerSecond: number; mtimeMs: number }> {
    const bytes = Buffer.alloc(this.size, randomBytes(Math.min(this.size, RANDOM_BYTES)));
    const startedAt = performance.now();
    const { mtime } = await this.#client.writeFile(this.path, bytes, { signal });
    return { bytesPerSecond: this.#rate(startedAt), mtimeMs: mtime.getTime() };
  }

  /** Resolves with the rate. */
  async read(signal: AbortSignal, client = this.#client): Promise<number> {
    const startedAt = performance.now();
    const body = client.download(this.path, { signal });
    body.resume();
    await new Promise<void>((resolve, reject) => body.once('end', resolve).once('error', reject));
    return this.#rate(startedAt);
  }

  /** Also after an interruption. */
  async remove(): Promise<void> {
    await this.#client.remove(this.path, { timeoutMs: REMOVE_MS });
  }

  #rate(startedAt: number): number {
    return (this.size * 1_000) / Math.max(1, performance.now() - startedAt);
  }
}
