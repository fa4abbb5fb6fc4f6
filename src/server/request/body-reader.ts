/** Reads the body of a request, and acknowledges the bytes that have been stored. */
import type { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import type { StallTimer } from './stall-timer.js';

/** Bytes that one read returns at most: bytes that arrive during one write to the storage become the next write. */
const MAX_READ_BYTES = 512 * 1024;

type Pieces = Buffer[] | undefined;

export class BodyReader {
  readonly #channel: ServerChannel;
  readonly #clock: StallTimer;
  readonly #onTruncated: () => TransferError;
  #resolve: ((pieces: Promise<Pieces>) => void) | undefined;
  #beyondBytes = 0;
  /** Bytes that the last read returned. */
  #readBytes = 0;

  /** @param onTruncated - called when the connection ends before the body does; gives the error */
  constructor(channel: ServerChannel, clock: StallTimer, onTruncated: () => TransferError) {
    this.#channel = channel;
    this.#clock = clock;
    this.#onTruncated = onTruncated;
  }

  /**
   * The next pieces of the body, in order: waits for more than `beyondBytes`, or for the end of the body. Undefined at
   * the end. Each call says that the pieces before are stored, so that the client may send as many more.
   */
  read(beyondBytes = 0): Promise<Pieces> {
    if (this.#readBytes > 0) this.#channel.consumed(this.#readBytes);
    this.#readBytes = 0;
    this.#beyondBytes = beyondBytes;
    if (this.#isReady) return this.#take();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#clock.start();
    });
  }

  /** Whether all of the body has been read, so that another read would only take longer. */
  get bodyConsumed(): boolean {
    const { end, failure, bufferedBytes } = this.#channel;
    return end !== undefined && !failure && bufferedBytes === 0;
  }

  /** The client's `end` frame. Throws unless the body is complete. */
  get end(): FrameOf<'end'> {
    const { end } = this.#channel;
    if (!end) throw new TypeError('The body is not complete.');
    return end;
  }

  /** Continues a read that waits, if it has something to return now. */
  poll(): void {
    const resolve = this.#resolve;
    if (!resolve || !this.#isReady) return;
    this.#resolve = undefined;
    this.#clock.stop();
    resolve(this.#take());
  }

  get #isReady(): boolean {
    const { end, failure, bufferedBytes, isTruncated } = this.#channel;
    return bufferedBytes > this.#beyondBytes || end !== undefined || failure !== undefined || isTruncated;
  }

  #take(): Promise<Pieces> {
    const channel = this.#channel;
    const { end, failure, bufferedBytes } = channel;
    if (failure) return Promise.reject(failure);
    if (!end && bufferedBytes <= this.#beyondBytes) return Promise.reject(this.#onTruncated());
    if (bufferedBytes === 0) return Promise.resolve(undefined);
    const pieces = channel.take(MAX_READ_BYTES);
    this.#readBytes = bufferedBytes - channel.bufferedBytes;
    return Promise.resolve(pieces);
  }
}
