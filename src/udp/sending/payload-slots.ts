/**
 * Memory for datagrams that are kept until they have arrived. A slot is a whole datagram: its header is rewritten each
 * time that it is sent, its payload is copied once. Slots are reused, so that a packet costs no allocation.
 */
import { HEADER_BYTES } from '../datagram.js';

/** A datagram and where its payload belongs. */
export interface PayloadSlot {
  /** Memory for the largest datagram. */
  readonly datagram: Buffer;
  /** The channel of the body; 0 once the channel has been dropped. */
  channelId: number;
  offset: number;
  payloadLength: number;
  /** Bytes of the datagram as it was sent last. */
  sentBytes: number;
  /** Whether the payload was sent before. */
  isResent: boolean;
}

/** What bounds the memory of several senders together. */
export interface RetainedBudget {
  /** Bytes that may be taken. */
  readonly left: number;
  /** Takes bytes; a negative number returns bytes. */
  take(bytes: number): void;
}

/** Bytes that are allocated at once. */
const CHUNK_BYTES = 64 * 1024;

/** Bytes of free slots that stay when nothing is in use. */
const SPARE_BYTES = 256 * 1024;

export class PayloadSlots {
  readonly #slotBytes: number;
  readonly #token: Uint8Array;
  #free: PayloadSlot[] = [];
  readonly #budget: RetainedBudget | undefined;
  #used = 0;
  /** Bytes of all chunks. */
  #allocated = 0;

  /**
   * @param slotBytes - bytes of the largest datagram
   * @param token - bytes between each header and its payload
   * @param budget - from which the memory is taken
   */
  constructor(slotBytes: number, token: Uint8Array, budget?: RetainedBudget) {
    this.#budget = budget;
    this.#slotBytes = slotBytes;
    this.#token = token;
  }

  /** Bytes of a datagram before its payload. */
  get payloadStart(): number {
    return HEADER_BYTES + this.#token.length;
  }

  /** Bytes of memory of the slots in use. */
  get usedBytes(): number {
    return this.#used * this.#slotBytes;
  }

  /** Whether the budget has memory for another slot. */
  get hasRoom(): boolean {
    return this.#free.length > 0 || (this.#budget?.left ?? Infinity) >= CHUNK_BYTES;
  }

  acquire(): PayloadSlot {
    if (this.#free.length === 0) this.#allocate();
    const slot = this.#free.pop();
    if (!slot) throw new RangeError('A chunk has no slots.');
    this.#used += 1;
    return slot;
  }

  release(slot: PayloadSlot): void {
    slot.channelId = 0;
    this.#used -= 1;
    this.#free.push(slot);
    const spare = Math.ceil(SPARE_BYTES / this.#slotBytes);
    // Not one by one: a chunk is only freed with all of its slots.
    if (this.#used > 0 || this.#free.length <= spare) return;
    this.#free = [];
    this.#budget?.take(-this.#allocated);
    this.#allocated = 0;
  }

  #allocate(): void {
    const count = Math.max(1, Math.floor(CHUNK_BYTES / this.#slotBytes));
    const chunk = Buffer.allocUnsafeSlow(count * this.#slotBytes);
    this.#allocated += chunk.length;
    this.#budget?.take(chunk.length);
    for (let start = 0; start < chunk.length; start += this.#slotBytes) {
      const datagram = chunk.subarray(start, start + this.#slotBytes);
      datagram.set(this.#token, HEADER_BYTES);
      const place = { channelId: 0, offset: 0, payloadLength: 0 };
      this.#free.push({ datagram, ...place, sentBytes: 0, isResent: false });
    }
  }
}
