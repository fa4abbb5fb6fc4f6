/** Credit, as arithmetic only: offsets count the bytes of one body from 0, and a limit never sinks. */
import { MAX_INTEGER } from '../../protocol/limits.js';
import type { WindowTuning } from './window-tuning.js';

/** What may still be sent on a channel. */
export class SendWindow {
  #sent = 0;
  #limit: number;

  /** @param limit - bytes that may be sent before the first word of the receiver */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that may be sent now. */
  get available(): number {
    return this.#limit - this.#sent;
  }

  /** Bytes sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Counts bytes as sent. */
  spend(bytes: number): void {
    this.#sent += bytes;
  }

  /** Takes an ack's word. False if it acknowledges what was never sent; a late one changes nothing. */
  acknowledge(offset: number, window: number): boolean {
    if (offset > this.#sent) return false;
    this.#limit = Math.max(this.#limit, Math.min(MAX_INTEGER, offset + window));
    return true;
  }
}

/** Each is due when so many have a part of the window: less, and the sender may be left without room. */
const ACKS_A_WINDOW = 4;

/** An ack that is due: bytes taken in, and bytes allowed beyond them. */
export interface Grant {
  offset: number;
  window: number;
}

/** What the peer may still send on a channel. */
export class ReceiveWindow {
  #received = 0;
  #consumed = 0;
  #acknowledged = 0;
  #window: number;
  #limit: number;
  /** Bytes after which an ack is due: a quarter of the window as it was before it grew by itself. */
  #ackBytes: number;
  #tuning: WindowTuning | undefined;

  /** @param window - bytes that the peer may send beyond what was consumed */
  constructor(window: number) {
    this.#window = window;
    this.#limit = window;
    this.#ackBytes = window / ACKS_A_WINDOW;
  }

  /** Lets it grow by itself from now on. */
  tune(tuning: WindowTuning): void {
    this.#tuning = tuning;
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received;
  }

  /** Makes the window larger; the peer must be told. */
  widen(window: number): void {
    const limitBefore = this.#limit;
    this.#window = Math.max(this.#window, window);
    this.#ackBytes = this.#window / ACKS_A_WINDOW;
    this.#limit = Math.max(this.#limit, this.#consumed + this.#window);
    this.#tuning?.granted(limitBefore);
  }

  /** Counts bytes as received. False if they were not allowed. */
  receive(bytes: number): boolean {
    this.#received += bytes;
    this.#tuning?.received(this.#received);
    return this.#received <= this.#limit;
  }

  /**
   * Counts bytes as consumed, while others wait for it. Gives the ack that is due once a quarter of the window has been,
   * and lets the window grow where it is tuned.
   */
  consume(bytes: number, waiting = 0): Grant | undefined {
    this.#consumed += bytes;
    if (this.#consumed - this.#acknowledged < this.#ackBytes) return undefined;
    this.#acknowledged = this.#consumed;
    const limitBefore = this.#limit;
    const progress = { window: this.#window, consumed: this.#consumed, waiting };
    this.#window = this.#tuning?.next(progress) ?? this.#window;
    this.#limit = this.#consumed + this.#window;
    this.#tuning?.granted(limitBefore);
    return { offset: this.#consumed, window: this.#window };
  }
}
