/**
 * The server's end of a channel.
 *
 *     open -> accept() -> data both ways, onReadable -> finish() | fail() -> closed
 *     cancel, interruption, connection lost -> stop() -> onStop -> fail()
 */
import { isErrorCode, protocolError, TransferError } from '../../errors.js';
import { toFieldText } from '../../protocol/fields.js';
import { MAX_FIELD_VALUE_BYTES } from '../../protocol/limits.js';
import { encodeValue } from '../../protocol/methods/json-value.js';
import type { FrameOf } from '../../protocol/frames.js';
import { WindowTuning, type Reserve } from '../flow-control/window-tuning.js';
import { ByteQueue } from './byte-queue.js';
import { MAX_MESSAGE_LENGTH, MAX_RETRY_AFTER_MS } from './received-error.js';
import { Channel, type ChannelHost } from './channel.js';
import type { ChannelWindows } from '../flow-control/channel-windows.js';

export interface ServerChannelListener {
  /** Bytes of the body arrived, or its end, or no more will arrive. */
  onReadable(): void;
  /** The channel was stopped, or the connection is lost. Called once, with `failure`. */
  onStop(error: TransferError): void;
}

/** The fields of an answer without `type` and `id`. */
export type AnswerFields<Type extends 'accept' | 'result'> = Omit<FrameOf<Type>, 'type' | 'id'>;

export interface ServerChannelSettings extends ChannelWindows {
  /** Whether the operation takes a body of the client. */
  readonly takesBody: boolean;
  /** Default false. */
  readonly overPath?: boolean | undefined;
}

export class ServerChannel extends Channel {
  /** Why the channel was stopped; undefined while it is served. */
  failure: TransferError | undefined;
  /** Whether the client's body comes over a UDP path, unless that fails. */
  readonly overPath: boolean;
  protected readonly received = new ByteQueue({ isExact: false });
  #listener: ServerChannelListener | undefined;
  readonly #takesBody: boolean;
  #inputEnded = false;
  /** Whether bytes of the body will never arrive. */
  #isUndelivered = false;
  /** The client's `end`, while bytes of the body are missing. */
  #heldEnd: FrameOf<'end'> | undefined;
  /** Bytes of the body that the server has of earlier attempts. */
  #bodyStart = 0;

  constructor(host: ChannelHost, id: number, settings: ServerChannelSettings) {
    super(host, id, settings);
    this.#takesBody = settings.takesBody;
    this.overPath = settings.overPath === true;
  }

  /** Whether the client closed its side of the connection before the end of its body. */
  override get isTruncated(): boolean {
    return (this.#inputEnded || this.#isUndelivered) && this.clientState === 'sending';
  }

  listen(listener: ServerChannelListener): void {
    this.#listener = listener;
  }

  /** Whether the client has been told that bytes of its body are stored. */
  get hasAcknowledged(): boolean {
    return this.receiving.hasAcknowledged;
  }

  /** Lets the client send so many bytes of its body before `accept`. */
  allowEarly(bytes: number): void {
    this.receiving.widen(bytes);
  }

  /** Lets the client send so many bytes of its body before `accept`, and tells it. */
  grantEarly(bytes: number): void {
    if (this.closed) return;
    this.receiving.widen(bytes);
    this.host.sendFrame({ type: 'ack', id: this.id, offset: 0, window: bytes });
  }

  /** Starts the answer. With a `window` the client may send its body; the window grows as far as `reserve` allows. */
  accept(fields: AnswerFields<'accept'>, reserve?: Reserve): void {
    if (this.closed) return;
    this.host.sendFrame({ type: 'accept', id: this.id, ...fields });
    this.moveServer('accept');
    this.#bodyStart = fields.offset ?? 0;
    if (fields.window === undefined) return;
    if (reserve) this.receiving.tuning = new WindowTuning(this.minRtt, reserve);
    this.receiving.widen(fields.window);
  }

  override end(size: number, checksum: string | undefined): void {
    if (this.closed) return;
    this.moveServer('end');
    this.host.sendFrame({ type: 'end', id: this.id, size, checksum });
  }

  /** Sends an `ack` of 0 bytes, so that the client does not time out while a request takes long. */
  sendKeepAlive(): void {
    if (!this.closed) this.host.sendFrame({ type: 'ack', id: this.id, offset: 0, window: 0 });
  }

  /** Sends the checksum of the body so far, in a data frame of 0 bytes. To be called when no pieces wait to be sent. */
  sendChecksum(checksum: string): void {
    if (!this.closed) this.host.sendFrame({ type: 'data', id: this.id, length: 0, checksum });
  }

  /** Closes the channel with a result. */
  finish(fields: AnswerFields<'result'>): void {
    if (this.closed) return;
    // First: if the codec cannot encode the result, it throws and an error can still be sent.
    this.host.sendFrame({ type: 'result', id: this.id, ...fields });
    this.moveServer('result');
    this.release(undefined);
  }

  /** Closes the channel with an error; `path` if it is about another path than the request's. */
  fail(error: TransferError, path?: string): void {
    if (this.closed) return;
    this.moveServer('error');
    this.host.dropUndelivered(this);
    this.host.sendFrame({ path, ...errorFrame(error, this.id) });
    this.release(undefined);
  }

  /** Stops the body in both directions and tells the listener, which calls `fail` after its cleanup. */
  stop(error: TransferError): void {
    if (this.failure) return;
    this.failure = error;
    this.host.dropUndelivered(this);
    this.dropReceived();
    this.failPendingWrite(error);
    this.#listener?.onStop(error);
  }

  override refuse(error: TransferError): void {
    this.stop(error);
  }

  handle(frame: FrameOf<'end' | 'cancel'>): void {
    // The reason for which the channel was stopped stands, and the client may not know it yet.
    if (this.failure) return;
    if (frame.type === 'end') this.#requireBody();
    if (this.#heldEnd && frame.type === 'end') throw protocolError('The client has sent end twice.');
    if (frame.type === 'end' && this.isMissing(frame.size - this.#bodyStart)) return this.#hold(frame);
    this.moveClient(frame.type);
    if (frame.type === 'cancel') {
      return this.stop(new TransferError('ECANCELED', 'The client cancelled the request.'));
    }
    this.peerEnd = frame;
    this.notifyReadable();
  }

  #hold(frame: FrameOf<'end'>): void {
    this.#heldEnd = frame;
    if (!this.host.isDelivering) this.onDelivered();
  }

  override onDelivered(): void {
    if (!this.#heldEnd) return;
    this.#isUndelivered = true;
    this.notifyReadable();
  }

  /**
   * Bytes may arrive again after `end`: the client's path broke before it knew that they had arrived. More than the body
   * has are a violation.
   */
  override receiveAt(offset: number, bytes: Uint8Array): void {
    if (this.peerEnd) {
      if (offset + bytes.length > this.bytesReceived) this.moveClient('data');
      return;
    }
    super.receiveAt(offset, bytes);
    const end = this.#heldEnd;
    if (!end || this.isMissing(end.size - this.#bodyStart)) return;
    this.#heldEnd = undefined;
    this.handle(end);
  }

  /** The client closed its side: an incomplete body stays incomplete, and no more credit arrives. */
  onInputEnd(): void {
    this.#inputEnded = true;
    this.notifyReadable();
    const reason = 'The client closed its side of the connection and grants no more credit.';
    this.endCredit(new TransferError('ECONNRESET', reason));
  }

  override receiveHeader(header: FrameOf<'data'>): void {
    if (this.failure) return;
    this.#requireBody();
    if (header.offset === undefined || !this.peerEnd) this.moveClient('data');
    super.receiveHeader(header);
  }

  override acknowledge(offset: number, window: number): void {
    if (!this.failure) super.acknowledge(offset, window);
  }

  #requireBody(): void {
    if (!this.#takesBody) throw protocolError('The client has sent a body for an operation without one.');
  }

  protected override get discardsInput(): boolean {
    return this.closed || this.failure !== undefined;
  }

  protected override notifyReadable(): void {
    this.#listener?.onReadable();
  }

  protected override release(error: TransferError | undefined): void {
    this.dropReceived();
    this.failPendingWrite(error);
    this.host.removeChannel(this);
    if (error) this.stop(error);
  }
}

/** The frame of an error: of a channel, or without an id of the connection. */
export function errorFrame(error: TransferError, id?: number): FrameOf<'error'> {
  return {
    type: 'error',
    id,
    code: isErrorCode(error.code) ? error.code : 'EIO',
    message: toFieldText(error.reason, MAX_MESSAGE_LENGTH),
    retryable: error.retryable,
    retryAfter: retryAfterOf(error),
    value: error.details === undefined ? undefined : detailsOf(error),
  };
}

/** Without details that are not JSON, or too long for a field. */
function detailsOf({ details }: TransferError): string | undefined {
  try {
    return encodeValue(details, { name: 'details', maxBytes: MAX_FIELD_VALUE_BYTES });
  } catch {
    return undefined;
  }
}

/** In whole ms. The storage or strategy of a program may have set any number. */
function retryAfterOf({ retryAfterMs }: TransferError): number | undefined {
  if (retryAfterMs === undefined || !(retryAfterMs >= 0)) return undefined;
  return Math.ceil(Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
