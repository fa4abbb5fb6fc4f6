/** Credit as arithmetic: offsets count the bytes of one body from 0, and a limit never decreases. */
import { MAX_INTEGER } from '../../protocol/limits.js';
import type { WindowTuning } from './window-tuning.js';

/** The credit to send. */
export class SendWindow {
  /** Bytes sent so far. */
  sent = 0;
  #limit: number;

  /** @param limit - bytes to send before the first ack */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that may be sent now. */
  get available(): number {
    return this.#limit - this.sent;
  }

  /** Counts bytes as sent. */
  spend(bytes: number): void {
    this.sent += bytes;
  }

  /** Handles an ack. Returns false if it is for bytes that were never sent. */
  acknowledge(offset: number, window: number): boolean {
    if (offset > this.sent) return false;
    this.#limit = Math.max(this.#limit, Math.min(MAX_INTEGER, offset + window));
    return true;
  }
}

/** An ack is due after this fraction of the window; with fewer acks the sender would run out of credit. */
const ACKS_A_WINDOW = 4;

/**
 * The same of a body with offsets, of which a lost piece holds back those behind it: credit that waits for the rest of a
 * part costs rate on a long link.
 */
const ACKS_A_WINDOW_WITH_OFFSETS = 16;

/** The fields of an ack that is due. */
export interface Grant {
  offset: number;
  window: number;
}

/** The credit that was granted to the peer. */
export class ReceiveWindow {
  /** Bytes received so far. */
  received = 0;
  /** Makes the window grow. */
  tuning: WindowTuning | undefined;
  #consumed = 0;
  #acknowledged = 0;
  #window: number;
  #limit: number;
  /** Bytes after which an ack is due: a part of the window before tuning. */
  #ackBytes: number;
  #acks = ACKS_A_WINDOW;

  /** @param window - bytes that the peer may send before they are consumed */
  constructor(window: number) {
    this.#window = window;
    this.#limit = window;
    this.#ackBytes = window / this.#acks;
  }

  /** The bytes of the body that the peer may send so far. */
  get limit(): number {
    return this.#limit;
  }

  /** The body has offsets. */
  useOffsets(): void {
    this.#acks = ACKS_A_WINDOW_WITH_OFFSETS;
    this.#ackBytes = this.#window / this.#acks;
  }

  /** Whether an ack was due: the peer need not keep all bytes any more. */
  get hasAcknowledged(): boolean {
    return this.#acknowledged > 0;
  }

  /** Makes the window larger; the caller tells the peer. */
  widen(window: number): void {
    const limitBefore = this.#limit;
    this.#window = Math.max(this.#window, window);
    this.#ackBytes = this.#window / this.#acks;
    this.#limit = Math.max(this.#limit, this.#consumed + this.#window);
    this.tuning?.onGrant(limitBefore);
  }

  /** Counts bytes as received. Returns false if they exceed the window. */
  receive(bytes: number): boolean {
    this.received += bytes;
    this.tuning?.onReceive(this.received);
    return this.received <= this.#limit;
  }

  /** Counts bytes as consumed, while `buffered` others are not. Returns an ack if one is due. */
  consume(bytes: number, buffered = 0): Grant | undefined {
    this.#consumed += bytes;
    if (this.#consumed - this.#acknowledged < this.#ackBytes) return undefined;
    this.#acknowledged = this.#consumed;
    const limitBefore = this.#limit;
    const progress = { window: this.#window, consumed: this.#consumed, buffered };
    this.#window = this.tuning?.nextWindow(progress) ?? this.#window;
    this.#limit = this.#consumed + this.#window;
    this.tuning?.onGrant(limitBefore);
    return { offset: this.#consumed, window: this.#window };
  }
}
