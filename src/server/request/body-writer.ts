/** Writes the body of a response. */
import { TransferError } from '../../errors.js';
import type { AnswerFields, ServerChannel } from '../../session/channel/server-channel.js';
import type { StallTimer } from './stall-timer.js';

export class BodyWriter {
  readonly #channel: ServerChannel;
  readonly #clock: StallTimer;

  constructor(channel: ServerChannel, clock: StallTimer) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** Sends a piece, which must not change any more; resolves when the piece is with the connection. */
  write(chunk: Uint8Array): Promise<void> {
    return this.#send(chunk, () => undefined);
  }

  /** Sends the last piece, and the result right behind it. */
  end(chunk: Uint8Array, result: AnswerFields<'result'>): Promise<void> {
    return this.#send(chunk, () => this.#channel.finish(result));
  }

  #send(chunk: Uint8Array, onSent: () => void): Promise<void> {
    const { failure } = this.#channel;
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#clock.start();
      this.#channel.send([chunk], (error) => {
        this.#clock.stop();
        try {
          if (error) throw error;
          onSent();
          resolve();
        } catch (thrown) {
          reject(TransferError.from(thrown));
        }
      });
    });
  }
}
