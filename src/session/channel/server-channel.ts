/** The server's end of a channel: it is asked, may send and take a body, and answers with one terminal frame. */
import { TransferError } from '../../errors.js';
import { toFieldText } from '../../protocol/fields.js';
import type { FrameOf } from '../../protocol/frames.js';
import { ByteQueue } from './byte-queue.js';
import { Channel } from './channel.js';
import { WindowTuning, type Reserve } from '../flow-control/window-tuning.js';

/** What whoever serves a channel wants to know of it. */
export interface ServerChannelListener {
  /** Bytes of the body have come, or its end, or there is nothing more to come. */
  readable(): void;
  /** The channel was stopped, or the connection is gone. Called once, with `failure`. */
  cancelled(error: TransferError): void;
}

/** The fields of a frame about a channel, without what every such frame has. */
export type AnswerFields<Type extends 'accept' | 'result'> = Omit<FrameOf<Type>, 'type' | 'id'>;

/** Characters of an error's message on the wire. */
const MAX_MESSAGE_LENGTH = 500;

/** Characters of an application's own error code on the wire. */
const MAX_CODE_LENGTH = 64;

export class ServerChannel extends Channel {
  protected readonly received = new ByteQueue({ isExact: false });
  #listener: ServerChannelListener | undefined;
  #inputEnded = false;
  #end: FrameOf<'end'> | undefined;
  #failure: TransferError | undefined;

  /** The client's `end` frame, once its body is complete. */
  get end(): FrameOf<'end'> | undefined {
    return this.#end;
  }

  /** Whether the client has ended its side of the connection before the end of its body. */
  get isTruncated(): boolean {
    return this.#inputEnded && this.clientState === 'sending';
  }

  /** Why the request is served no further; undefined as long as it is. */
  get failure(): TransferError | undefined {
    return this.#failure;
  }

  /** Names who is told of what comes. */
  listen(listener: ServerChannelListener): void {
    this.#listener = listener;
  }

  /** Lets the client send so many bytes of its body before `accept`. */
  allowEarly(bytes: number): void {
    this.receiving.widen(bytes);
  }

  /**
   * Says that the request is served, and how many bytes of the client's body are taken at once; more, later, as far as
   * there is room.
   */
  accept(fields: AnswerFields<'accept'>, makeRoom?: Reserve): void {
    if (this.closed) return;
    this.host.sendFrame({ type: 'accept', id: this.id, ...fields });
    this.moveServer('accept');
    if (fields.window === undefined) return;
    if (makeRoom) this.receiving.tune(new WindowTuning(this.minRtt, makeRoom));
    this.receiving.widen(fields.window);
  }

  /** A sign of life before `accept`, or before the result of something that takes long: an ack of nothing. */
  sign(): void {
    if (!this.closed) this.host.sendFrame({ type: 'ack', id: this.id, offset: 0, window: 0 });
  }

  /** Ends the channel well. */
  finish(fields: AnswerFields<'result'>): void {
    if (this.closed) return;
    // A result that the codec cannot write throws, and an error can still be sent.
    this.host.sendFrame({ type: 'result', id: this.id, ...fields });
    this.moveServer('result');
    this.release(undefined);
  }

  /** Ends the channel with an error; with a path if it is about another one than that of the request. */
  fail(error: TransferError, path?: string): void {
    if (this.closed) return;
    this.moveServer('error');
    this.host.sendFrame({ path, ...errorFrame(error, this.id) });
    this.release(undefined);
  }

  /** Stops whoever serves the channel: no more of a body comes or goes, and a terminal frame follows the cleaning up. */
  stop(error: TransferError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.received.clear();
    this.failPendingWrite(error);
    this.#listener?.cancelled(error);
  }

  /** Takes a frame of the client's. */
  handle(frame: FrameOf<'end' | 'cancel'>): void {
    this.moveClient(frame.type);
    if (frame.type === 'cancel') {
      return this.stop(new TransferError('ECANCELED', 'The client cancelled the request.'));
    }
    this.#end = frame;
    this.readable();
  }

  /** The client will say nothing more; a body that is not complete never will be. */
  inputEnded(): void {
    this.#inputEnded = true;
    this.readable();
    this.endCredit(
      new TransferError('ECONNRESET', 'The client has ended its side, and allows no more bytes.'),
    );
  }

  override receiveHeader(length: number): void {
    this.moveClient('data');
    super.receiveHeader(length);
  }

  protected override get discards(): boolean {
    return this.closed || this.#failure !== undefined;
  }

  protected override readable(): void {
    this.#listener?.readable();
  }

  protected override release(error: TransferError | undefined): void {
    this.received.clear();
    this.failPendingWrite(error);
    this.host.removeChannel(this);
    if (error) this.stop(error);
  }
}

/** An error as a frame; of a channel, or without an id of the connection. */
export function errorFrame(error: TransferError, id?: number): FrameOf<'error'> {
  return {
    type: 'error',
    id,
    code: toFieldText(error.code, MAX_CODE_LENGTH),
    message: toFieldText(error.reason, MAX_MESSAGE_LENGTH),
    retryable: error.retryable,
  };
}
