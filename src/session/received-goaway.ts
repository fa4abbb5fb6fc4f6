/** The `goaway` frames that a client has received: which requests the server still serves, and why not the others. */
import { protocolError, TransferError } from '../errors.js';
import { toFieldText } from '../protocol/fields.js';
import type { FrameOf } from '../protocol/frames.js';
import { assertErrorCode, MAX_MESSAGE_LENGTH } from './channel/received-error.js';

export class ReceivedGoaway {
  /** The highest id that the server serves. */
  lastId = Infinity;
  #frame: FrameOf<'goaway'> | undefined;

  /** Throws EPROTO if the id rises, because requests above the earlier one may be running elsewhere, or the code is none. */
  receive(frame: FrameOf<'goaway'>): void {
    if (frame.code !== undefined) assertErrorCode(frame.code);
    if (frame.lastId > this.lastId)
      throw protocolError(`A goaway with lastId ${frame.lastId} follows one with ${this.lastId}.`);
    this.lastId = frame.lastId;
    this.#frame = frame;
  }

  /** The error of requests that were not started. */
  get error(): TransferError {
    const { code, message = '' } = this.#frame ?? {};
    const why = [code, toFieldText(message, MAX_MESSAGE_LENGTH)].filter(Boolean).join(': ');
    const reason = 'The connection is closing; the request was not started.';
    return new TransferError('ESHUTDOWN', why ? `${reason} (${why})` : reason);
  }
}
