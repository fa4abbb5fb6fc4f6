/**
 * The output of a session: first the control frames in order, then data frames, one per turn for each channel that has
 * bytes and credit. Payload is copied only if it is so small that a copy is cheaper than a separate write.
 *
 *     frame(), raw() -> control bytes -.
 *     schedule(channel) -> nextFrame() -+-> ChunkCoalescer -> take()
 */
import type { Codec } from '../codecs/codec.js';
import type { Frame } from '../protocol/frames.js';
import type { Payload } from './channel/body/payload.js';
import type { HeaderChecks } from './header-checks.js';

/** Chunks up to this size are copied into one, in bytes. */
const MAX_COALESCED_BYTES = 4 * 1024;

/** What has data frames to send: a channel, for example. */
export interface OutboundSource {
  /** The channel of the frame that `nextFrame` has returned. */
  readonly id: number;
  /** Whether the source is queued. */
  isScheduled: boolean;
  /** Whether there is another frame. */
  readonly canSend: boolean;
  /** The payload of the next data frame; undefined if there is none. */
  nextFrame(maxBytes: number): Payload | undefined;
}

export class Outbound {
  /** Nothing can be encoded before it is set. */
  codec: Codec | undefined;
  /** Bytes of control frames that wait. */
  controlBytes = 0;
  /** Number of pongs that wait. */
  pongs = 0;
  readonly #headerChecks: HeaderChecks;
  readonly #onOutput: () => void;
  #control: Uint8Array[] = [];
  #sources: OutboundSource[] = [];

  /** @param onOutput - called when there is output to take */
  constructor(headerChecks: HeaderChecks, onOutput: () => void) {
    this.#headerChecks = headerChecks;
    this.#onOutput = onOutput;
  }

  get isEmpty(): boolean {
    return this.#control.length === 0 && this.#sources.length === 0;
  }

  /** Queues a control frame. */
  frame(frame: Frame): void {
    if (frame.type === 'pong') this.pongs += 1;
    if (!this.codec) return;
    this.raw(this.codec.encode(this.#headerChecks.outgoing(frame)));
    // A data frame without a payload.
    if (frame.type === 'data' && this.codec.payloadTrailer.length > 0) this.raw(this.codec.payloadTrailer);
  }

  /** Queues bytes that are already encoded. */
  raw(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.controlBytes += bytes.length;
    this.#onOutput();
  }

  /** Queues a source that has data to send, unless it is queued already. */
  schedule(channel: OutboundSource): void {
    if (channel.isScheduled) return;
    channel.isScheduled = true;
    this.#sources.push(channel);
    this.#onOutput();
  }

  /** Drops everything except control frames. */
  dropData(): void {
    for (const channel of this.#sources) channel.isScheduled = false;
    this.#sources = [];
  }

  /** Takes all control frames, then data frames until there are `enoughBytes`. */
  take(enoughBytes: number, maxFrameBytes: number): Uint8Array[] {
    const output = new ChunkCoalescer(this.#control, this.controlBytes);
    this.#control = [];
    this.controlBytes = this.pongs = 0;
    const callbacks: (() => void)[] = [];
    while (output.bytes < enoughBytes) {
      const channel = this.#sources.shift();
      if (!channel) break;
      channel.isScheduled = false;
      const frame = channel.nextFrame(maxFrameBytes);
      if (!frame) continue;
      this.#data(channel.id, frame, output);
      if (frame.onSent) callbacks.push(frame.onSent);
      if (channel.canSend) this.schedule(channel);
    }
    const chunks = output.chunks();
    // Called last, because a callback may queue more output.
    for (const callback of callbacks) callback();
    return chunks;
  }

  #data(id: number, { pieces, bytes, offset, checksum }: Payload, output: ChunkCoalescer): void {
    const { codec } = this;
    if (!codec) return;
    const frame = { type: 'data', id, length: bytes, offset, checksum } as const;
    output.add(codec.encode(this.#headerChecks.outgoing(frame)));
    for (const piece of pieces) output.add(piece);
    if (codec.payloadTrailer.length > 0) output.add(codec.payloadTrailer);
  }
}

/** Chunks to write; consecutive small chunks become one. */
class ChunkCoalescer {
  bytes: number;
  readonly #chunks: Uint8Array[] = [];
  #small: Uint8Array[];

  constructor(small: Uint8Array[], bytes: number) {
    this.#small = small;
    this.bytes = bytes;
  }

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (chunk.length <= MAX_COALESCED_BYTES) {
      this.#small.push(chunk);
      return;
    }
    this.#coalesce();
    this.#chunks.push(chunk);
  }

  chunks(): Uint8Array[] {
    this.#coalesce();
    return this.#chunks;
  }

  #coalesce(): void {
    const [first] = this.#small;
    if (!first) return;
    this.#chunks.push(this.#small.length === 1 ? first : Buffer.concat(this.#small));
    this.#small = [];
  }
}
