/**
 * Puts the bytes of one body in order. What arrives in order is passed on as it is; what arrives early waits in blocks of
 * memory that cover the flow-control window, and nothing beyond it is accepted.
 *
 *     offsets:  passed on | next ... missing ... waiting bytes ... missing ... | limit
 */
import { bufferPool } from '../../buffers/buffer-pool.js';
import { TransferError } from '../../errors.js';
import { ByteRanges } from './byte-ranges.js';

/** Bytes of a block. */
const BLOCK_BYTES = 64 * 1024;

export interface ReassemblySettings {
  /** Bytes of the body that have been passed on already. Default 0. */
  readonly offset?: number | undefined;
  /** Bytes of the body that the peer may send. `grant` moves it. */
  readonly limit: number;
  /** Takes the next bytes of the body. They are lent for the duration of the call. */
  readonly deliver: (bytes: Uint8Array) => void;
}

export class Reassembly {
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #waiting = new ByteRanges();
  readonly #blocks = new Map<number, Buffer>();
  #next: number;
  #limit: number;

  constructor({ offset = 0, limit, deliver }: ReassemblySettings) {
    this.#next = offset;
    this.#limit = limit;
    this.#deliver = deliver;
  }

  /** Bytes of the body that have been passed on. */
  get next(): number {
    return this.#next;
  }

  /** Bytes that wait for those before them. */
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** Bytes of memory of the blocks. */
  get memoryBytes(): number {
    return this.#blocks.size * BLOCK_BYTES;
  }

  /** The peer may send up to this offset: the window, or the size of the body if that is less. It never decreases. */
  grant(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
  }

  /** A part of the body has arrived. Throws EFLOOD if it is beyond the limit or in too many pieces. */
  add(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.#limit) throw new TransferError('EFLOOD', `Bytes up to ${end} exceed ${this.#limit}.`);
    if (end <= this.#next || bytes.length === 0) return;
    const from = this.#next;
    if (offset > from) return this.#keep(offset, bytes);
    this.#passOn(offset < from ? bytes.subarray(from - offset) : bytes);
    if (this.#waiting.count === 0) return;
    this.#passOnWaiting();
    this.#releaseFrom(from);
  }

  /** Releases the memory. Nothing may be added afterwards. */
  clear(): void {
    bufferPool.releaseAll([...this.#blocks.values()]);
    this.#blocks.clear();
    this.#waiting.removeBefore(Infinity);
  }

  #keep(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (!this.#waiting.add(offset, end)) {
      throw new TransferError('EFLOOD', 'The bytes of a body arrive in too many pieces.');
    }
    for (let at = offset; at < end;) {
      const inBlock = at % BLOCK_BYTES;
      const length = Math.min(end - at, BLOCK_BYTES - inBlock);
      this.#block(at).set(bytes.subarray(at - offset, at - offset + length), inBlock);
      at += length;
    }
  }

  #passOnWaiting(): void {
    const end = this.#waiting.endOfRunAt(this.#next);
    // The taker may clear everything.
    for (let at = this.#next; at < end && this.#waiting.count > 0;) {
      const inBlock = at % BLOCK_BYTES;
      const length = Math.min(end - at, BLOCK_BYTES - inBlock);
      this.#passOn(this.#block(at).subarray(inBlock, inBlock + length));
      at += length;
    }
    this.#waiting.removeBefore(this.#next);
  }

  #passOn(bytes: Uint8Array): void {
    this.#next += bytes.length;
    this.#deliver(bytes);
  }

  #block(offset: number): Buffer {
    const index = Math.floor(offset / BLOCK_BYTES);
    const block = this.#blocks.get(index) ?? bufferPool.acquire(BLOCK_BYTES);
    this.#blocks.set(index, block);
    return block;
  }

  /** Releases the blocks that have been passed on since `start`, and the last one if nothing waits in it. */
  #releaseFrom(start: number): void {
    const last = Math.floor(this.#next / BLOCK_BYTES);
    const end = this.#waiting.count === 0 ? last + 1 : last;
    for (let index = Math.floor(start / BLOCK_BYTES); index < end; index += 1) {
      const block = this.#blocks.get(index);
      if (!block) continue;
      this.#blocks.delete(index);
      bufferPool.release(block);
    }
  }
}
