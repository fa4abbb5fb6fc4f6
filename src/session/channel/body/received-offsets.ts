/** The part of a channel that puts a body with offsets in order. Bytes count as received when all before them have arrived. */
import { protocolError } from '../../../errors.js';
import { Reassembly } from '../../../udp/receiving/reassembly.js';
import type { ReceiveWindow } from '../../flow-control/windows.js';
import type { ByteQueue } from '../byte-queue.js';

export class ReceivedOffsets {
  readonly #window: ReceiveWindow;
  /** Undefined before the first byte with an offset. */
  #reassembly: Reassembly | undefined;

  constructor(window: ReceiveWindow) {
    this.#window = window;
  }

  /**
   * Adds a part of the body, and passes on to the queue what is in order. Returns whether there is any. Throws EFLOOD
   * beyond the window, EPROTO for a body whose first bytes had no offset.
   */
  add({ offset, bytes }: { offset: number; bytes: Uint8Array }, queue: ByteQueue): boolean {
    if (this.#isPlain) throw mixed();
    const reassembly = (this.#reassembly ??= this.#create(queue));
    const before = reassembly.next;
    reassembly.grant(this.#window.limit);
    reassembly.add(offset, bytes);
    return reassembly.next > before;
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
    this.#reassembly?.clear();
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
