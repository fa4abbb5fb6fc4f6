/** Destroys a duplex whose peer reads nothing for `stallMs`, even if it still sends: its output would stay in memory. */
import type { Duplex } from 'node:stream';
import { clearInterval, setInterval } from '../../clock.js';
import { TransferError } from '../../errors.js';

export class WriteTimeout {
  readonly #duplex: Duplex;
  readonly #bytesWritten: () => number;
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | undefined;
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
    if (this.#timer || this.#duplex.writableLength === 0 || this.#duplex.destroyed) return;
    // The first check only takes a measurement, in case this process was busy.
    this.#bytesFlushed = undefined;
    this.#timer = setInterval(() => this.#check(), this.#stallMs).unref();
  }

  #check(): void {
    const bytesFlushed = this.#bytesWritten() - this.#duplex.writableLength;
    const isStalled = bytesFlushed === this.#bytesFlushed;
    this.#bytesFlushed = bytesFlushed;
    if (this.#duplex.writableLength === 0) this.#stop();
    else if (isStalled)
      this.#duplex.destroy(new TransferError('ETIMEDOUT', `The peer read nothing for ${this.#stallMs} ms.`));
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
