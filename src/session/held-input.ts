/** Frames and payload that have come while a login was being checked, until it is known whether they count. */
import type { FrameSink } from '../codecs/codec.js';
import { TransferError } from '../errors.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';
import { MAX_HELD_FRAMES } from '../protocol/limits.js';

export class HeldInput {
  #items: (Frame | UnknownFrame | Uint8Array)[] = [];

  /** Keeps a frame, or a piece of payload. Throws EFLOOD where there are too many. */
  keep(item: Frame | UnknownFrame | Uint8Array): void {
    if (this.#items.length >= MAX_HELD_FRAMES) {
      this.#items = [];
      throw new TransferError('EFLOOD', 'Too much has come before the login was known.');
    }
    // A piece is lent for the call.
    this.#items.push(item instanceof Uint8Array ? Buffer.from(item) : item);
  }

  /** Hands everything on, in order. */
  release(sink: Pick<FrameSink, 'frame' | 'payload'>): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) {
      if (item instanceof Uint8Array) sink.payload(item);
      else sink.frame(item);
    }
  }
}
