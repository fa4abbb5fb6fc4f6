/** Bodies whose bytes follow from their place, so that one byte in a wrong place is found. */
import { Reassembly } from '../../../src/udp/receiving/reassembly.js';
import type { BodyPiece, BodySource } from '../../../src/udp/body-source.js';

/** A prime length: a piece that was moved by a multiple of a usual size does not fit. */
const PATTERN_BYTES = 65_521;
const pattern = Buffer.alloc(3 * PATTERN_BYTES);
for (let index = 0; index < pattern.length; index += 1) {
  const at = index % PATTERN_BYTES;
  pattern[index] = (at * 31 + (at >>> 8) * 7) & 0xff;
}

function bytesAt(channelId: number, offset: number, length: number): Buffer {
  const start = (offset + channelId * 17) % PATTERN_BYTES;
  return pattern.subarray(start, start + length);
}

/** Sends the bodies in turn: each up to its window, which the receiver moves. */
export class Bodies implements BodySource {
  resentBytes = 0;
  readonly #sizes: readonly number[];
  readonly #windowBytes: number;
  readonly #sent: number[];
  readonly #acknowledged: number[];
  #turn = 0;

  constructor(sizes: readonly number[], windowBytes: number) {
    this.#sizes = sizes;
    this.#windowBytes = windowBytes;
    this.#sent = sizes.map(() => 0);
    this.#acknowledged = sizes.map(() => 0);
  }

  get sentBytes(): number {
    return this.#sent.reduce((sum, bytes) => sum + bytes, 0);
  }

  take(maxBytes: number): BodyPiece | undefined {
    for (let tried = 0; tried < this.#sizes.length; tried += 1) {
      const index = (this.#turn + tried) % this.#sizes.length;
      const offset = this.#sent[index]!;
      const end = Math.min(this.#sizes[index]!, this.#acknowledged[index]! + this.#windowBytes);
      const length = Math.min(maxBytes, end - offset);
      if (length <= 0) continue;
      this.#turn = index;
      this.#sent[index] = offset + length;
      return { channelId: index + 1, offset, bytes: bytesAt(index + 1, offset, length) };
    }
    return undefined;
  }

  onResent(bytes: number): void {
    this.resentBytes += bytes;
  }

  acknowledge(channelId: number, offset: number): void {
    this.#acknowledged[channelId - 1] = offset;
  }
}

/** Receives the bodies: each byte in order, exactly once, and the right one. */
export class ReceivedBodies {
  receivedBytes = 0;
  maxMemoryBytes = 0;
  readonly #bodies: Reassembly[];

  constructor(sizes: readonly number[], windowBytes: number) {
    this.#bodies = sizes.map((size, index) => {
      let next = 0;
      const body: Reassembly = new Reassembly({
        limit: Math.min(size, windowBytes),
        deliver: (bytes) => {
          if (bytesAt(index + 1, next, bytes.length).compare(bytes) !== 0) {
            throw new Error(`Wrong bytes in body ${index + 1} at ${next}.`);
          }
          next += bytes.length;
          this.receivedBytes += bytes.length;
          body.grant(Math.min(size, next + windowBytes));
        },
      });
      return body;
    });
  }

  /** Returns the offset up to which the body is complete. */
  add(channelId: number, offset: number, bytes: Buffer): number {
    const body = this.#bodies[channelId - 1]!;
    for (let at = 0; at < bytes.length; at += 32_768) {
      body.add(offset + at, bytes.subarray(at, at + 32_768));
    }
    return body.next;
  }

  get memoryBytes(): number {
    return this.#bodies.reduce((sum, body) => sum + body.memoryBytes, 0);
  }
}
