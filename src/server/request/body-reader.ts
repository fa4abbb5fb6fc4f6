/** Reads the body of a request, and acknowledges the bytes that have been stored. */
import type { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { BodySum } from '../../session/channel/received-checksums.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import type { StallTimer } from './stall-timer.js';

/** Of one read. Bytes that arrive during a write to the storage become the next write. */
const MAX_READ_BYTES = 512 * 1024;

type Pieces = Buffer[] | undefined;

export class BodyReader {
  readonly #channel: ServerChannel;
  readonly #stallTimer: StallTimer;
  readonly #onTruncated: () => TransferError;
  #resolve: ((pieces: Promise<Pieces>) => void) | undefined;
  #beyondBytes = 0;
  #unacknowledgedBytes = 0;

  /** @param onTruncated - called when the connection ends before the body does; returns the error */
  constructor(channel: ServerChannel, stallTimer: StallTimer, onTruncated: () => TransferError) {
    this.#channel = channel;
    this.#stallTimer = stallTimer;
    this.#onTruncated = onTruncated;
  }

  /**
   * The next pieces of the body, in order: waits for more than `beyondBytes`, or for the end of the body. Undefined at
   * the end. Each call acknowledges the pieces before, so the client may send as many bytes more.
   */
  read(beyondBytes = 0): Promise<Pieces> {
    if (this.#unacknowledgedBytes > 0) this.#channel.consumed(this.#unacknowledgedBytes);
    this.#unacknowledgedBytes = 0;
    this.#beyondBytes = beyondBytes;
    if (this.#isReady) return this.#take();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#stallTimer.start();
    });
  }

  /** Whether all of the body has been read: then no other read is needed. */
  get bodyConsumed(): boolean {
    const { peerEnd: end, failure, bufferedBytes } = this.#channel;
    return end !== undefined && !failure && bufferedBytes === 0;
  }

  /** Whether the client has been told that pieces are stored, so that it need not keep them any more. */
  get hasAcknowledged(): boolean {
    return this.#channel.hasAcknowledged;
  }

  /** Adds pieces to the checksum of the body. Throws EBADMSG if the client has another one up to a byte of them. */
  addTo(sum: BodySum, pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#channel.addTo(sum, piece);
  }

  /** The client's `end` frame. Throws a TypeError before the body is complete. */
  get end(): FrameOf<'end'> {
    const { peerEnd: end } = this.#channel;
    if (!end) throw new TypeError('The body is not complete.');
    return end;
  }

  /** Continues a pending read, if there is something to return. */
  poll(): void {
    const resolve = this.#resolve;
    if (!resolve || !this.#isReady) return;
    this.#resolve = undefined;
    this.#stallTimer.stop();
    resolve(this.#take());
  }

  get #isReady(): boolean {
    const { peerEnd: end, failure, bufferedBytes, isTruncated } = this.#channel;
    return bufferedBytes > this.#beyondBytes || end !== undefined || failure !== undefined || isTruncated;
  }

  #take(): Promise<Pieces> {
    const channel = this.#channel;
    const { peerEnd: end, failure, bufferedBytes } = channel;
    if (failure) return Promise.reject(failure);
    if (!end && bufferedBytes <= this.#beyondBytes) return Promise.reject(this.#onTruncated());
    if (bufferedBytes === 0) return Promise.resolve(undefined);
    const pieces = channel.take(MAX_READ_BYTES);
    this.#unacknowledgedBytes = bufferedBytes - channel.bufferedBytes;
    return Promise.resolve(pieces);
  }
}
