/**
 * What a connection has to say, and in which order: control frames first, as they came; then data frames, one a turn
 * for each channel that has bytes and credit. Payload is never copied, unless it is so small that the copy is cheaper
 * than a write of its own.
 */
import type { Codec } from '../codecs/codec.js';
import type { Frame } from '../protocol/frames.js';
import type { Channel, Payload } from './channel/channel.js';

/** Bytes up to which a payload is joined with its neighbours. */
const SMALL_BYTES = 4 * 1024;

export class Outbound {
  readonly #notify: () => void;
  #codec: Codec | undefined;
  #control: Uint8Array[] = [];
  #controlBytes = 0;
  #pongs = 0;
  #turns: Channel[] = [];

  /** @param notify - called whenever there is something to take */
  constructor(notify: () => void) {
    this.#notify = notify;
  }

  /** The notation; nothing can be said before it is known. */
  set codec(codec: Codec) {
    this.#codec = codec;
  }

  /** Bytes of control frames that wait. */
  get controlBytes(): number {
    return this.#controlBytes;
  }

  /** Pongs that wait. */
  get pongs(): number {
    return this.#pongs;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#control.length === 0 && this.#turns.length === 0;
  }

  /** Queues a control frame. */
  frame(frame: Frame): void {
    if (frame.type === 'pong') this.#pongs += 1;
    if (this.#codec) this.raw(this.#codec.encode(frame));
  }

  /** Queues bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#controlBytes += bytes.length;
    this.#notify();
  }

  /** Puts a channel in the row of those whose turn comes. */
  schedule(channel: Channel): void {
    if (channel.hasTurn) return;
    channel.hasTurn = true;
    this.#turns.push(channel);
    this.#notify();
  }

  /** Drops everything but control frames. */
  removeChannel(): void {
    for (const channel of this.#turns) channel.hasTurn = false;
    this.#turns = [];
  }

  /** Takes what is next: all control frames, then data frames until there are `enough` bytes. */
  take(enough: number, maxFrameBytes: number): Uint8Array[] {
    const gathered = new ChunkCoalescer(this.#control, this.#controlBytes);
    this.#control = [];
    this.#controlBytes = 0;
    this.#pongs = 0;
    const sent: (() => void)[] = [];
    while (gathered.bytes < enough) {
      const channel = this.#turns.shift();
      if (!channel) break;
      channel.hasTurn = false;
      const frame = channel.nextFrame(maxFrameBytes);
      if (!frame) continue;
      this.#data(channel.id, frame, gathered);
      if (frame.sent) sent.push(frame.sent);
      if (channel.canSend) this.schedule(channel);
    }
    const pieces = gathered.pieces();
    // Only now, when all that was chosen is in order: what is called may have more to say.
    for (const done of sent) done();
    return pieces;
  }

  #data(id: number, { pieces, bytes }: Payload, gathered: ChunkCoalescer): void {
    const codec = this.#codec;
    if (!codec) return;
    gathered.add(codec.encode({ type: 'data', id, length: bytes }));
    for (const piece of pieces) gathered.add(piece);
    if (codec.payloadTrailer.length > 0) gathered.add(codec.payloadTrailer);
  }
}

/** Pieces to write; runs of small ones become one. */
class ChunkCoalescer {
  bytes: number;
  readonly #pieces: Uint8Array[] = [];
  #small: Uint8Array[];

  constructor(small: Uint8Array[], bytes: number) {
    this.#small = small;
    this.bytes = bytes;
  }

  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    if (piece.length <= SMALL_BYTES) {
      this.#small.push(piece);
      return;
    }
    this.#join();
    this.#pieces.push(piece);
  }

  pieces(): Uint8Array[] {
    this.#join();
    return this.#pieces;
  }

  #join(): void {
    const [first] = this.#small;
    if (!first) return;
    this.#pieces.push(this.#small.length === 1 ? first : Buffer.concat(this.#small));
    this.#small = [];
  }
}
