/** The body of a request of HTTP, read piece by piece. What is not read when the request ends is discarded. */
import type { IncomingMessage } from 'node:http';
import { TransferError } from '../../../errors.js';

export class RequestBody implements AsyncIterable<Buffer> {
  readonly #request: IncomingMessage;
  readonly #onBegin: () => void;
  #hasBegun = false;
  #pieces: Buffer[] = [];
  #hasEnded = false;
  #isLost = false;
  #wake: (() => void) | undefined;

  /** @param onBegin - called before the first byte is read */
  constructor(request: IncomingMessage, onBegin: () => void) {
    this.#request = request;
    this.#onBegin = onBegin;
  }

  /** The pieces of the body. Throws ECONNRESET if the connection ends before the body. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined, undefined> {
    this.#begin();
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) {
        yield piece;
      } else if (this.#hasEnded) {
        return undefined;
      } else if (this.#isLost) {
        throw new TransferError('ECONNRESET', 'The connection ended before the end of the body.');
      } else {
        this.#request.resume();
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  /** Discards what has not been read. */
  discard(): void {
    this.#request.off('data', this.#onData);
    this.#pieces = [];
    this.#request.resume();
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const request = this.#request;
    request.on('data', this.#onData);
    request.on('end', () => {
      this.#hasEnded = request.complete;
      this.#isLost = !request.complete;
      this.#wake?.();
    });
    request.on('error', () => undefined);
    request.on('close', () => {
      this.#isLost = !request.complete;
      this.#wake?.();
    });
    this.#onBegin();
  }

  readonly #onData = (piece: Buffer): void => {
    this.#pieces.push(piece);
    this.#request.pause();
    this.#wake?.();
  };
}
