/**
 * One request to a session of the server, and its answer.
 *
 *     HttpSession.request -> accepted() -> body() ... | send() ... end() -> result()
 *                         -> failed: `failure`, and every call that waits rejects
 */
import { TransferError } from '../../../errors.js';
import type { FrameOf } from '../../../protocol/frames.js';
import type { ClientChannel, ClientChannelListener } from '../../../session/channel/client-channel.js';

/** Bytes of one piece of a body. */
const PIECE_BYTES = 64 * 1024;

export class SessionRequest implements ClientChannelListener {
  /** Called once if the request fails. */
  onFailure: ((error: TransferError) => void) | undefined;
  #channel: ClientChannel | undefined;
  #accept: FrameOf<'accept'> | undefined;
  #outcome: FrameOf<'result'> | TransferError | undefined;
  #wake: (() => void) | undefined;

  /** Called once, before anything else. */
  begin(channel: ClientChannel): this {
    this.#channel = channel;
    return this;
  }

  /** Why the request has failed, if it has. */
  get failure(): TransferError | undefined {
    return this.#outcome instanceof TransferError ? this.#outcome : undefined;
  }

  // For the channel

  onAccept(frame: FrameOf<'accept'>): void {
    this.#accept = frame;
    this.#wake?.();
  }

  onReadable(): void {
    this.#wake?.();
  }

  onClose(outcome: FrameOf<'result'> | TransferError): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    if (outcome instanceof TransferError) this.onFailure?.(outcome);
    this.#wake?.();
  }

  // For its caller

  /** The start of the answer. Rejects if the request fails before. */
  async accepted(): Promise<FrameOf<'accept'>> {
    while (!this.#accept) {
      if (this.#outcome) throw this.failure ?? new TransferError('EPROTO', 'The answer has no beginning.');
      await this.#change();
    }
    return this.#accept;
  }

  /** The end of the answer. Rejects if the request fails. */
  async result(): Promise<FrameOf<'result'>> {
    while (!this.#outcome) await this.#change();
    if (this.#outcome instanceof TransferError) throw this.#outcome;
    return this.#outcome;
  }

  /** The body of the answer. The server sends more while pieces are taken. Throws if the request fails. */
  async *body(): AsyncGenerator<Buffer, undefined, undefined> {
    const channel = this.#channel;
    while (channel) {
      if (this.failure) throw this.failure;
      if (channel.bufferedBytes > 0) {
        const piece = channel.readChunk(PIECE_BYTES);
        yield piece;
        channel.consumed(piece.length);
      } else if (this.#outcome) {
        return undefined;
      } else {
        await this.#change();
      }
    }
    return undefined;
  }

  /** Sends a piece of the body; resolves when the next one may follow. */
  send(piece: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.#channel?.send([piece], (error) => (error ? reject(this.failure ?? error) : resolve()));
    });
  }

  /** Ends the body, which is `size` bytes long. */
  end(size: number): void {
    this.#channel?.end(size, undefined);
  }

  /** Ends the request, if it has not ended, without an answer. */
  cancel(): void {
    if (!this.#outcome) this.#channel?.abandon();
    this.onFailure = undefined;
    this.#outcome ??= new TransferError('ECANCELED');
    this.#wake?.();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
