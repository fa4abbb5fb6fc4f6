/**
 * Write stall: a peer that takes nothing of what is written to it. Bytes that come from it prove that it lives, but one
 * that never reads keeps what is meant for it in memory all the same.
 */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';

const NOT_LOOKED = -1;

/** Destroys a duplex that holds bytes of which none has gone out for so long. */
export class WriteTimeout {
  readonly #duplex: Duplex;
  readonly #bytesWritten: () => number;
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | undefined;
  #goneBefore = NOT_LOOKED;

  constructor(duplex: Duplex, bytesWritten: () => number, stallMs: number) {
    this.#duplex = duplex;
    this.#bytesWritten = bytesWritten;
    this.#stallMs = stallMs;
    duplex.on('close', () => this.#rest());
  }

  /** To be called after writes: what holds nothing needs no watching, and most connections are idle. */
  watch(): void {
    if (this.#timer || this.#duplex.writableLength === 0 || this.#duplex.destroyed) return;
    // The first look only notes: what was held up because this process was busy is not the peer's fault.
    this.#goneBefore = NOT_LOOKED;
    this.#timer = setInterval(() => this.#look(), this.#stallMs).unref();
  }

  #look(): void {
    const gone = this.#bytesWritten() - this.#duplex.writableLength;
    const hasGone = gone !== this.#goneBefore;
    this.#goneBefore = gone;
    if (this.#duplex.writableLength === 0) this.#rest();
    else if (!hasGone)
      this.#duplex.destroy(new TransferError('ETIMEDOUT', 'The peer takes nothing of what is sent to it.'));
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
