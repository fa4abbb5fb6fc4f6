/**
 * Writes what is downloaded to a part: directly, where that takes no time, and else one write at a time, with all that
 * has come meanwhile in the next one. Such a write goes to another thread and back, so that many small ones cost far
 * more than their bytes. What it is given is its own: the memory is used again when it is written.
 */
import { Writable } from 'node:stream';
import { bufferPool } from '../../../buffers/buffer-pool.js';
import type { PartialDownload } from './partial-download.js';

/** Bytes that are written or wait for it. */
const HIGH_WATER_MARK = 512 * 1024;

export class PartWriter extends Writable {
  readonly #part: Pick<PartialDownload, 'write' | 'writeSync'>;
  readonly #written: () => void;

  /** @param written - called after each write; what it throws ends the writing */
  constructor(part: Pick<PartialDownload, 'write' | 'writeSync'>, written: () => void) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#part = part;
    this.#written = written;
  }

  /** @internal */
  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#append([piece], done);
  }

  /** @internal */
  override _writev(pieces: { chunk: unknown }[], done: (error?: Error) => void): void {
    this.#append(
      pieces.map(({ chunk }) => chunk as Buffer),
      done,
    );
  }

  #append(pieces: Buffer[], done: (error?: Error) => void): void {
    try {
      const rest = this.#part.writeSync(pieces);
      if (rest.length > 0) return this.#appendByThread(rest, pieces, done);
      this.#end(pieces);
    } catch (thrown) {
      return done(thrown as Error);
    }
    done();
  }

  #appendByThread(
    rest: readonly Uint8Array[],
    pieces: readonly Buffer[],
    done: (error?: Error) => void,
  ): void {
    this.#part
      .write(rest)
      .then(() => this.#end(pieces))
      .then(() => done(), done);
  }

  #end(pieces: readonly Buffer[]): void {
    bufferPool.releaseAll(pieces);
    if (!this.destroyed) this.#written();
  }
}
