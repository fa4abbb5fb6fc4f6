/**
 * What each packet number carried, until the receiver has reported its fate. A lost payload waits to be sent again with
 * another number, before anything new.
 *
 *     send -> in flight -> reported: received -> slot is free
 *                                    lost -> lost payloads -> takeLost -> send
 */
import { MIN_DATAGRAM_BYTES } from '../datagram.js';
import type { PayloadSlot, PayloadSlots } from './payload-slots.js';
import { MAX_SPAN_PACKETS, type Gap } from '../report.js';

/** What a report has resolved, in packets. */
export interface Resolved {
  received: number;
  lost: number;
  /** Those of more than `MIN_DATAGRAM_BYTES`. */
  receivedLarge: number;
  lostLarge: number;
}

const FIRST_CAPACITY = 256;

export class SentPackets {
  /** One more than the last number. */
  sentTo = 0;
  /** Every number below has been reported. */
  resolvedTo = 0;
  /** Bytes of the datagrams that have not been reported. */
  inflightBytes = 0;
  readonly #slots: PayloadSlots;
  /** The slot of each number that has not been reported, at the number modulo the length. */
  #inFlight = new Array<PayloadSlot | undefined>(FIRST_CAPACITY).fill(undefined);
  #lost: PayloadSlot[] = [];
  #lostAt = 0;

  constructor(slots: PayloadSlots) {
    this.#slots = slots;
  }

  /** Whether another packet may be sent before the next report. */
  get hasNumber(): boolean {
    return this.sentTo - this.resolvedTo < MAX_SPAN_PACKETS;
  }

  /** Lost payloads that wait to be sent again. */
  get lostCount(): number {
    return this.#lost.length - this.#lostAt;
  }

  /** The slot leaves as the next packet. Its `sentBytes` are set. */
  send(slot: PayloadSlot): void {
    if (this.sentTo - this.resolvedTo >= this.#inFlight.length) this.#grow();
    this.#inFlight[this.sentTo % this.#inFlight.length] = slot;
    this.inflightBytes += slot.sentBytes;
    this.sentTo += 1;
  }

  /** The next lost payload, of at most `maxBytes`: a larger one is split. */
  takeLost(maxBytes: number): PayloadSlot | undefined {
    const slot = this.#lost[this.#lostAt];
    if (!slot) return undefined;
    if (slot.payloadLength > maxBytes) return this.#splitFront(slot, maxBytes);
    this.#lostAt += 1;
    if (this.#lostAt * 2 > this.#lost.length) {
      this.#lost = this.#lost.slice(this.#lostAt);
      this.#lostAt = 0;
    }
    return slot;
  }

  /** The fate of all packets below `resolvedTo` is known. */
  resolve(resolvedTo: number, gaps: readonly Gap[]): Resolved {
    const from = this.resolvedTo;
    const resolved = { received: 0, lost: 0, receivedLarge: 0, lostLarge: 0 };
    for (const [start, length] of gaps) {
      resolved.receivedLarge += this.#resolveRun(start, false);
      resolved.lostLarge += this.#resolveRun(start + length, true);
      resolved.lost += length;
    }
    resolved.receivedLarge += this.#resolveRun(resolvedTo, false);
    resolved.received = resolvedTo - from - resolved.lost;
    return resolved;
  }

  /** Forgets the payloads of a channel: they are not sent again. */
  drop(channelId: number): void {
    for (let number = this.resolvedTo; number < this.sentTo; number += 1) {
      const slot = this.#inFlight[number % this.#inFlight.length];
      if (slot?.channelId === channelId) slot.channelId = 0;
    }
    const waiting = this.#lost.slice(this.#lostAt);
    this.#lost = waiting.filter((slot) => slot.channelId !== channelId);
    this.#lostAt = 0;
    for (const slot of waiting) if (slot.channelId === channelId) this.#slots.release(slot);
  }

  /** The payloads that may not have arrived, by channel and offset. */
  unacknowledged(): PayloadSlot[] {
    const found = this.#lost.slice(this.#lostAt);
    for (let number = this.resolvedTo; number < this.sentTo; number += 1) {
      const slot = this.#inFlight[number % this.#inFlight.length];
      if (slot && slot.channelId > 0) found.push(slot);
    }
    return found.sort((a, b) => a.channelId - b.channelId || a.offset - b.offset);
  }

  /** Returns how many of the packets were large. */
  #resolveRun(end: number, isLost: boolean): number {
    const mask = this.#inFlight.length - 1;
    let large = 0;
    for (; this.resolvedTo < end; this.resolvedTo += 1) {
      const slot = this.#inFlight[this.resolvedTo & mask];
      if (!slot) continue;
      this.#inFlight[this.resolvedTo & mask] = undefined;
      this.inflightBytes -= slot.sentBytes;
      if (slot.sentBytes > MIN_DATAGRAM_BYTES) large += 1;
      if (isLost && slot.channelId > 0) this.#lost.push(slot);
      else this.#slots.release(slot);
    }
    return large;
  }

  #splitFront(slot: PayloadSlot, maxBytes: number): PayloadSlot {
    const front = this.#slots.acquire();
    const start = this.#slots.payloadStart;
    slot.datagram.copy(front.datagram, start, start, start + maxBytes);
    slot.datagram.copyWithin(start, start + maxBytes, start + slot.payloadLength);
    front.channelId = slot.channelId;
    front.offset = slot.offset;
    front.payloadLength = maxBytes;
    front.isResent = true;
    slot.offset += maxBytes;
    slot.payloadLength -= maxBytes;
    return front;
  }

  #grow(): void {
    const old = this.#inFlight;
    const larger = new Array<PayloadSlot | undefined>(old.length * 2).fill(undefined);
    for (let number = this.resolvedTo; number < this.sentTo; number += 1) {
      larger[number % larger.length] = old[number % old.length];
    }
    this.#inFlight = larger;
  }
}

/** Removes the loss of large datagrams: they were sent before their size was found to be too large for the path. */
export function ignoreLostLarge(resolved: Resolved): void {
  resolved.lost -= resolved.lostLarge;
  resolved.lostLarge = 0;
}
