/** The part of a channel that puts a body with offsets in order. Bytes count as received when all before them have arrived. */
import { clearTimeout, setTimeout } from '../../../clock.js';
import { protocolError } from '../../../errors.js';
import { Reassembly } from '../../../udp/receiving/reassembly.js';
import type { ReceiveWindow } from '../../flow-control/windows.js';
import type { ByteQueue } from '../byte-queue.js';

/**
 * Datagrams that arrive within this time in ms are passed on together, up to so many bytes: a call of the file system for
 * each of them would take more time than all else.
 */
const JOINED_MS = 1;
const JOINED_BYTES = 64 * 1024;

export class ReceivedOffsets {
  readonly #window: ReceiveWindow;
  readonly #onReadable: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Undefined before the first byte with an offset. */
  #reassembly: Reassembly | undefined;

  /** @param onReadable - called 1 ms after the first byte that is in order, or when 64 KiB of them wait */
  constructor(window: ReceiveWindow, onReadable: () => void) {
    this.#window = window;
    this.#onReadable = onReadable;
  }

  /**
   * Adds a part of the body, and passes on to the queue what is in order. Throws EFLOOD beyond the window, EPROTO for a body
   * whose first bytes had no offset.
   */
  add({ offset, bytes }: { offset: number; bytes: Uint8Array }, queue: ByteQueue): void {
    if (this.#isPlain) throw mixed();
    const reassembly = (this.#reassembly ??= this.#create(queue));
    const before = reassembly.next;
    reassembly.grant(this.#window.limit);
    reassembly.add(offset, bytes);
    if (reassembly.next === before) return;
    if (queue.length >= JOINED_BYTES) this.#onReadable();
    else this.#timer ??= setTimeout(() => this.#onTime(), JOINED_MS);
  }

  /** Whether bytes with an offset have arrived. */
  get isUsed(): boolean {
    return this.#reassembly !== undefined;
  }

  /** Throws EPROTO if earlier bytes had offsets. */
  refusePlain(): void {
    if (this.#reassembly) throw mixed();
  }

  /** Whether some of `size` bytes have not arrived. Without any byte, they may be on a UDP path if there is one. */
  isMissing(size: number, hasPath: boolean): boolean {
    const hasOffsets = this.#reassembly !== undefined || (hasPath && !this.#isPlain);
    return hasOffsets && this.#window.received < size;
  }

  /** Drops what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#reassembly?.clear();
  }

  #onTime(): void {
    this.#timer = undefined;
    this.#onReadable();
  }

  get #isPlain(): boolean {
    return this.#reassembly === undefined && this.#window.received > 0;
  }

  #create(queue: ByteQueue): Reassembly {
    this.#window.useOffsets();
    return new Reassembly({
      limit: this.#window.limit,
      deliver: (bytes) => {
        this.#window.receive(bytes.length);
        queue.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      },
    });
  }
}

function mixed(): Error {
  return protocolError('A body has bytes with and without an offset.');
}
