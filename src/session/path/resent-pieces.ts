/**
 * The bytes that a broken path has not delivered, as data frames with their offsets. They take turns with the channels, and
 * were subtracted from the windows when the path took them.
 */
import type { BodyPiece } from '../../udp/body-source.js';
import { splitAt, type Payload } from '../channel/body/payload.js';
import type { OutboundSource } from '../outbound.js';

export class ResentPieces implements OutboundSource {
  isScheduled = false;
  /** The channel of the piece that `nextFrame` has returned. */
  id = 0;
  readonly #onSent: () => void;
  #pieces: BodyPiece[];

  /** @param onSent - called when all pieces have left */
  constructor(pieces: Iterable<BodyPiece>, onSent: () => void) {
    // Copies, because the path reuses its memory.
    this.#pieces = Array.from(pieces, (piece) => ({ ...piece, bytes: Buffer.from(piece.bytes) })).reverse();
    this.#onSent = onSent;
  }

  get canSend(): boolean {
    return this.#pieces.length > 0;
  }

  /** Forgets the bytes of a channel. */
  drop(channelId: number): void {
    this.#pieces = this.#pieces.filter((piece) => piece.channelId !== channelId);
  }

  nextFrame(maxBytes: number): Payload | undefined {
    const piece = this.#pieces.pop();
    if (!piece) {
      this.#onSent();
      return undefined;
    }
    const { pieces, rest, bytes } = splitAt([piece.bytes], maxBytes);
    const [left] = rest;
    if (left) this.#pieces.push({ ...piece, offset: piece.offset + bytes, bytes: left });
    this.id = piece.channelId;
    const onSent = this.#pieces.length === 0 ? this.#onSent : undefined;
    return { pieces, bytes, offset: piece.offset, checksum: undefined, onSent };
  }
}
