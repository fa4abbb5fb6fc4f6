/** Destroys a duplex whose peer reads nothing for `stallMs`, even if it still sends: its output would stay in memory. */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { Ticker } from '../timers/ticker.js';

export class WriteTimeout {
  readonly #duplex: Duplex;
  readonly #bytesWritten: () => number;
  readonly #stallMs: number;
  #ticker: Ticker | undefined;
  /** Bytes that had left the duplex at the last check. */
  #bytesFlushed: number | undefined;

  constructor(duplex: Duplex, bytesWritten: () => number, stallMs: number) {
    this.#duplex = duplex;
    this.#bytesWritten = bytesWritten;
    this.#stallMs = stallMs;
    duplex.on('close', () => this.#stop());
  }

  /** To be called after writes. The timer only runs while the duplex buffers bytes. */
  watch(): void {
    if (this.#ticker || this.#duplex.writableLength === 0 || this.#duplex.destroyed) return;
    // The first check only takes a measurement.
    this.#bytesFlushed = undefined;
    this.#ticker = new Ticker(this.#stallMs, (ms) => this.#check(ms)).unref();
  }

  #check(passedMs: number): void {
    const bytesFlushed = this.#bytesWritten() - this.#duplex.writableLength;
    const isStalled = passedMs > 0 && bytesFlushed === this.#bytesFlushed;
    this.#bytesFlushed = bytesFlushed;
    if (this.#duplex.writableLength === 0) this.#stop();
    else if (isStalled)
      this.#duplex.destroy(new TransferError('ETIMEDOUT', `The peer read nothing for ${this.#stallMs} ms.`));
  }

  #stop(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
  }
}
