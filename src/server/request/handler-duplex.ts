/**
 * The Duplex of a stream method, as its handler sees it. The handler may end it, or return: then the rest is sent, and the
 * client's rest is not read.
 *
 *     handler returns -> complete(): end() -> all bytes and the `end` frame are sent -> close()
 *     handler destroys it -> host.interrupt       the request is stopped -> stop(error) -> destroyed, signal aborted
 */
import { finished } from 'node:stream/promises';
import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import type { ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { ChannelDuplex, type Done } from '../../session/channel/channel-duplex.js';
import type { ServerChannel } from '../../session/channel/server-channel.js';
import { compareEnd } from './compare-end.js';

/** The request of a stream method. */
export interface DuplexHost {
  /** Bytes wait for the client to take them, or no longer. */
  onSending(isSending: boolean): void;
  /** Ends the request with an error. */
  interrupt(error: TransferError): void;
}

export class HandlerDuplex extends ChannelDuplex {
  /** Called once, if the request is stopped. */
  onStop: ((error: TransferError) => void) | undefined;
  readonly #host: DuplexHost;
  #isOver = false;

  constructor(channel: ServerChannel, algorithm: ChecksumAlgorithm, host: DuplexHost) {
    super();
    this.#host = host;
    // The request fails with the error, whether the handler listens or not.
    this.on('error', () => undefined);
    this.attach(channel, algorithm);
  }

  /** Ends the stream. Resolves when all bytes and the `end` frame are sent; rejects if the stream was destroyed before. */
  async complete(): Promise<void> {
    if (!this.writableFinished) {
      const sent = finished(this, { readable: false });
      this.end();
      await sent;
    }
  }

  /** The request has ended. */
  close(): void {
    this.#isOver = true;
    this.destroy();
  }

  /** The request was stopped. */
  stop(error: TransferError): void {
    this.#isOver = true;
    this.onStop?.(error);
    this.destroy(error);
  }

  /** Leaving a loop does not destroy the stream: the handler may still write, and its return ends the stream. */
  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<Buffer> {
    return this.iterator({ destroyOnReturn: false }) as NodeJS.AsyncIterator<Buffer>;
  }

  override _destroy(error: Error | null, done: Done): void {
    const reason = error ?? closedByHandler();
    if (!this.#isOver && (error || !this.writableFinished)) this.#host.interrupt(TransferError.from(reason));
    this.failWrite(reason);
    done(error);
  }

  protected override compare(received: BodyChecksum, end: FrameOf<'end'>): void {
    compareEnd(received, end);
  }

  protected override onEndSent(done: Done): void {
    done();
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
