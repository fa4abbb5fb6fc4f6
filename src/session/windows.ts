/** Credit, as arithmetic only: offsets count the bytes of one body from 0, and a limit never sinks. */
import { MAX_INTEGER } from '../protocol/limits.js';

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

  /** @param window - bytes that the peer may send beyond what was consumed */
  constructor(window: number) {
    this.#window = window;
    this.#limit = window;
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received;
  }

  /** Makes the window larger; the peer must be told. */
  widen(window: number): void {
    this.#window = Math.max(this.#window, window);
    this.#limit = Math.max(this.#limit, this.#consumed + this.#window);
  }

  /** Counts bytes as received. False if they were not allowed. */
  receive(bytes: number): boolean {
    this.#received += bytes;
    return this.#received <= this.#limit;
  }

  /** Counts bytes as consumed. Gives the ack that is due once a quarter of the window has been. */
  consume(bytes: number): Grant | undefined {
    this.#consumed += bytes;
    if (this.#consumed - this.#acknowledged < this.#window / 4) return undefined;
    this.#acknowledged = this.#consumed;
    this.#limit = this.#consumed + this.#window;
    return { offset: this.#consumed, window: this.#window };
  }
}
