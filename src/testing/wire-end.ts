/** One end of a wire in memory. */
import { Duplex } from 'node:stream';
import type { Lane, Target } from './lane.js';

export class WireEnd extends Duplex implements Target {
  #lane: Lane | undefined;
  #onRead: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
    // A wire that is cut before a program uses both of its ends must not end the process.
    this.on('error', () => undefined);
  }

  /** Sets where the bytes go that are written. Called once, before the first of them. */
  writeTo(lane: Lane): void {
    this.#lane = lane;
  }

  // For the lane whose bytes arrive here

  deliver(bytes: Uint8Array, onTaken: () => void): void {
    if (this.destroyed || this.readableEnded) return onTaken();
    // Before the bytes are pushed, because the reader may ask for more at once.
    this.#onRead = onTaken;
    if (!this.push(bytes)) return;
    this.#taken();
  }

  deliverEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  // For the program

  override _read(): void {
    this.#taken();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#lane?.send(chunk, done);
  }

  override _final(done: () => void): void {
    this.#lane?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#lane?.end();
    this.#taken();
    done(error);
  }

  #taken(): void {
    const onTaken = this.#onRead;
    this.#onRead = undefined;
    onTaken?.();
  }
}
