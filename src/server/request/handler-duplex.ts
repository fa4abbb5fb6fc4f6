/**
 * The Duplex of a stream method, as its handler sees it. The handler may end it, or return: then the rest is sent, and the
 * client's rest is not read.
 *
 *     handler returns -> complete(): end() -> all bytes and the `end` frame are sent -> close()
 *     handler destroys it -> handler throws, or is not awaited any longer
 *     the request is stopped -> stop(error) -> destroyed, signal aborted
 */
import { finished } from 'node:stream/promises';
import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { ChannelDuplex, type Done } from '../../session/channel/channel-duplex.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import { Deadline } from '../../session/timers/deadline.js';
import { checkUploadEnd } from '../operations/upload-result.js';

/** Time in ms for the handler to end with an error of its own after its stream was destroyed. Then the client learns of it. */
const LAST_WORDS_MS = 1_000;

/** The request of a stream method. */
export interface DuplexHost {
  /** Bytes wait for the client to take them, or no longer. */
  onSending(isSending: boolean): void;
  /** Tells the handler to stop. */
  abort(error: TransferError): void;
}

export class HandlerDuplex extends ChannelDuplex {
  readonly #host: DuplexHost;
  #isOver = false;
  #failure: Error | undefined;
  #deadline: Deadline | undefined;
  #stopWaiting: ((error: Error) => void) | undefined;

  constructor(channel: ServerChannel, algorithm: ChecksumAlgorithm, host: DuplexHost) {
    super();
    this.#host = host;
    // The request fails with the error, whether the handler listens or not.
    this.on('error', () => undefined);
    this.attach(channel, algorithm);
  }

  /** Awaits the handler. Rejects if it has destroyed the stream, and does not end soon. */
  async outputOf<Output>(handler: Promise<Output>): Promise<Output> {
    return Promise.race([handler, new Promise<never>((_, reject) => (this.#stopWaiting = reject))]);
  }

  /** Ends the stream. Resolves when all bytes and the `end` frame are sent; rejects if the stream was destroyed before. */
  async complete(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.writableFinished) return;
    const sent = finished(this, { readable: false });
    this.end();
    await sent;
  }

  /** The request has ended. */
  close(): void {
    this.#isOver = true;
    this.#deadline?.stop();
    this.destroy();
  }

  /** The request was stopped. */
  stop(error: TransferError): void {
    this.#isOver = true;
    this.destroy(error);
  }

  /** Ends the stream with an error, without waiting for the handler any longer. */
  abandon(error: Error): void {
    this.#isOver = true;
    this.#host.abort(TransferError.from(error));
    this.destroy(error);
    this.#stopWaiting?.(error);
  }

  /** Leaving a loop does not destroy the stream: the handler may still write, and its return ends the stream. */
  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<Buffer> {
    return this.iterator({ destroyOnReturn: false }) as NodeJS.AsyncIterator<Buffer>;
  }

  override _destroy(error: Error | null, done: Done): void {
    if (!this.#isOver && (error || !this.writableFinished)) this.#fail(error ?? closedByHandler());
    this.releaseWrite(error);
    done(error);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#deadline = new Deadline(LAST_WORDS_MS, () => this.abandon(error)).unref();
  }

  protected override compare(received: BodyChecksum, end: FrameOf<'end'>): void {
    checkUploadEnd(end, received);
  }

  protected override onEndSent(done: Done): void {
    done();
  }

  /** The client may have closed its direction, so that it grants no more credit, while the channel is still open. */
  protected override onSendFailed(error: TransferError): void {
    this.destroy(error);
  }

  protected override onSending(isSending: boolean): void {
    this.#host.onSending(isSending);
  }
}

/** Like a socket that its owner destroys. Not worth a retry: the method has done it on purpose. */
function closedByHandler(): TransferError {
  return new TransferError('ECONNRESET', 'The method has closed its stream before its end.', {
    retryable: false,
  });
}
