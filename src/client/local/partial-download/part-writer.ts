/**
 * Writes a download to its part file: synchronously where that is fast, otherwise one asynchronous write at a time, with
 * all pieces that have arrived meanwhile in the next one. The memory of written pieces is reused.
 */
import { Writable } from 'node:stream';
import { bufferPool } from '../../../buffers/buffer-pool.js';
import type { PartialDownload } from './partial-download.js';

/** Bytes that are being written or wait to be. */
const HIGH_WATER_MARK = 512 * 1024;

type Part = Pick<PartialDownload, 'write' | 'writeSync'>;
type Done = (error?: Error) => void;

export class PartWriter extends Writable {
  readonly #part: Part;
  readonly #onWritten: () => void;

  /** @param onWritten - called after each write; an error thrown here ends the writing */
  constructor(part: Part, onWritten: () => void) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#part = part;
    this.#onWritten = onWritten;
  }

  /** @internal */
  override _write(piece: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#append([piece], done);
  }

  /** @internal */
  override _writev(pieces: { chunk: unknown }[], done: Done): void {
    const chunks = pieces.map(({ chunk }) => chunk as Buffer);
    this.#append(chunks, done);
  }

  #append(pieces: readonly Buffer[], done: Done): void {
    try {
      const rest = this.#part.writeSync(pieces);
      if (rest.length > 0) {
        const written = this.#part.write(rest).then(() => this.#finish(pieces));
        return void written.then(() => done(), done);
      }
      this.#finish(pieces);
    } catch (thrown) {
      return done(thrown as Error);
    }
    done();
  }

  #finish(pieces: readonly Buffer[]): void {
    bufferPool.releaseAll(pieces);
    if (!this.destroyed) this.#onWritten();
  }
}
