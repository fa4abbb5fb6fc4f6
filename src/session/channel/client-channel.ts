/**
 * The client's end of a channel.
 *
 *     open -> onAccept -> data both ways, onReadable, onAck -> result | error -> onClose
 *                                                             connection lost -> onLost
 */
import { protocolError, TransferError } from '../../errors.js';
import { duplexOperations } from '../../protocol/body-operations.js';
import type { FrameOf } from '../../protocol/frames.js';
import { DEFAULT_WINDOW_BYTES, MAX_UNACKNOWLEDGED_BYTES } from '../../protocol/limits.js';
import type { WindowReservation } from '../flow-control/window-budget.js';
import { WindowTuning } from '../flow-control/window-tuning.js';
import { prefersPath } from '../path/prefers-path.js';
import { ByteQueue } from './byte-queue.js';
import { assertErrorCode, receivedError } from './received-error.js';
import { undelivered } from './body/undelivered.js';
import { Channel, type ChannelHost } from './channel.js';
import type { ChannelWindows } from '../flow-control/channel-windows.js';

export interface ClientChannelListener {
  /** The channel is opened now: the last moment to add fields to its `open`. */
  onOpening?(open: FrameOf<'open'>): void;
  /** The server has started the request. */
  onAccept?(frame: FrameOf<'accept'>): void;
  /** There are received bytes to take. */
  onReadable?(): void;
  /**
   * Other requests wait for the place of this channel, whose reader takes nothing. Returns whether the request gives it
   * up, and waits for its reader without a channel. Default: it keeps it.
   */
  onCrowded?(): boolean;
  /** The server has consumed the body of this channel up to `offset`. */
  onAck?(offset: number): void;
  /** The server sent the result or an error. There may still be bytes to take. */
  onClose(outcome: FrameOf<'result'> | TransferError): void;
  /** The server has broken a rule of the channel, which has ended or is cancelled; `onClose` is not called. Default: `onClose`. */
  onViolation?(error: TransferError): void;
  /**
   * The connection is lost, or does not accept the request. `outcomeUnknown` tells whether the server may have
   * received the request. Bytes that were not taken are dropped. Default: `onClose`.
   */
  onLost?(error: TransferError): void;
}

/** How much the receive window may grow. */
export interface WindowGrowth {
  readonly reservation: WindowReservation;
  readonly maxWindowBytes: number;
}

export class ClientChannel extends Channel {
  /** Whether the channel is not open yet; the session sets this. */
  queued = false;
  /** Whether the server's answer has a body that is wanted. */
  readonly wantsBody: boolean;
  /** Whether the server ends its body by `end`; known when the channel is opened. */
  isDuplex = false;
  protected readonly received = new ByteQueue({ isExact: true });
  readonly #listener: ClientChannelListener;
  readonly #reservation: WindowReservation | undefined;
  #acks = 0;
  #acknowledged = 0;
  #isAbandoned = false;
  #droppedBytes = 0;
  #unreadBefore = false;
  /** The result, while bytes of the body are missing. */
  #heldResult: FrameOf<'result'> | undefined;

  constructor(
    host: ChannelHost,
    id: number,
    settings: ChannelWindows & { listener: ClientChannelListener; growth?: WindowGrowth | undefined },
  ) {
    super(host, id, settings);
    this.#listener = settings.listener;
    this.wantsBody = settings.receive > 0;
    this.#reservation = settings.growth?.reservation;
    if (settings.growth) this.#tune(settings.growth, settings.receive);
  }

  /** A number that increases with each byte or ack, in either direction. */
  get activity(): number {
    return this.bytesSent + this.bytesReceived + this.#acks;
  }

  /** A number that increases with each byte that is sent, received or acknowledged. */
  get progress(): number {
    return this.bytesSent + this.bytesReceived + this.#acknowledged;
  }

  /** The session opens the channel by this frame. */
  complete(open: FrameOf<'open'>): void {
    this.isDuplex = duplexOperations.has(open.op);
    this.prefersPath = prefersPath(open);
    this.#listener.onOpening?.(open);
  }

  override end(size: number, checksum: string | undefined): void {
    if (this.closed) return;
    this.moveClient('end');
    this.host.sendFrame({ type: 'end', id: this.id, size, checksum });
  }

  /** Cancels the request and drops received bytes. The channel closes when the server answers. */
  cancel(): void {
    this.dropReceived();
    this.#shrink();
    if (this.closed || this.clientState === 'cancelled') return;
    this.moveClient('cancel');
    this.failPendingWrite(undefined);
    this.host.dropUndelivered(this);
    // The server has ended the channel already.
    if (this.#heldResult) return this.#release(this.#heldResult);
    this.host.sendFrame({ type: 'cancel', id: this.id });
  }

  /** Cancels the request, whose listener is not called again. */
  abandon(): void {
    this.#isAbandoned = true;
    this.cancel();
  }

  override refuse(error: TransferError): void {
    const isAbandoned = this.#isAbandoned;
    // The terminal frame itself was wrong.
    if (this.closed) this.#leave(error);
    // The request has failed already, and what follows is ignored up to the terminal frame.
    else if (this.clientState === 'cancelled') return;
    else this.abandon();
    if (isAbandoned) return;
    if (this.#listener.onViolation) this.#listener.onViolation(error);
    else this.#listener.onClose(error);
  }

  /** Called now and then while other requests wait. Whether the listener has given up the place of the channel. */
  giveUpPlace(): boolean {
    const isUnread = this.received.length > 0;
    const wasUnread = this.#unreadBefore;
    this.#unreadBefore = isUnread;
    return isUnread && wasUnread && !this.discardsInput && this.#listener.onCrowded?.() === true;
  }

  handle(frame: FrameOf<'accept' | 'end' | 'result' | 'error'>): void {
    if (this.#heldResult) throw protocolError(`The server has sent ${frame.type} after the result.`);
    if (frame.type === 'result' && this.#isIncomplete(frame)) return this.#hold(frame);
    this.moveServer(frame.type);
    switch (frame.type) {
      case 'accept':
        // The window counts from the start of the body, like an ack of offset 0.
        if (frame.window !== undefined)
          super.acknowledge(0, Math.min(frame.window, MAX_UNACKNOWLEDGED_BYTES));
        if (!this.#isAbandoned) this.#listener.onAccept?.(frame);
        // Bytes of a UDP path may have arrived before.
        if (this.received.length > 0) this.notifyReadable();
        return;
      case 'end':
        return this.#handleEnd(frame);
      case 'result':
        if (this.isDuplex && !this.peerEnd)
          throw protocolError('The server has sent a result before the end of its body.');
        return this.#close(frame);
      case 'error':
        assertErrorCode(frame.code);
        return this.#close(receivedError(frame));
    }
  }

  /** Whether the bytes of the body that are missing may still arrive, in datagrams. */
  #isIncomplete({ bytes }: FrameOf<'result'>): boolean {
    return bytes !== undefined && !this.discardsInput && this.isMissing(bytes);
  }

  #hold(frame: FrameOf<'result'>): void {
    this.#heldResult = frame;
    if (!this.host.isDelivering) this.onDelivered();
  }

  #release(frame: FrameOf<'result'>): void {
    this.#heldResult = undefined;
    this.handle(frame);
  }

  override onDelivered(): void {
    if (this.#heldResult) this.destroy(undelivered());
  }

  override receiveAt(offset: number, bytes: Uint8Array): void {
    super.receiveAt(offset, bytes);
    if (this.#heldResult && !this.#isIncomplete(this.#heldResult)) this.#release(this.#heldResult);
  }

  /** Bytes are only taken after `accept`, which says what they are. */
  override get bufferedBytes(): number {
    return this.isAccepted ? super.bufferedBytes : 0;
  }

  /** An upload over a UDP path begins with `accept`: the server could not place earlier datagrams. */
  override get canSend(): boolean {
    return super.canSend && (this.isAccepted || !this.sendsOffsets);
  }

  #handleEnd(frame: FrameOf<'end'>): void {
    if (!this.isDuplex) throw protocolError('The server has sent end for an operation whose body has none.');
    this.peerEnd = frame;
    if (!this.discardsInput) this.notifyReadable();
  }

  override consumed(bytes: number): void {
    this.#unreadBefore = false;
    super.consumed(bytes);
    this.#shrink();
  }

  override receiveHeader(header: FrameOf<'data'>): void {
    if (this.clientState === 'cancelled') return this.#drop(header.length);
    this.moveServer('data');
    if (!this.wantsBody)
      throw protocolError('The server sent data for an operation without a body of the server.');
    super.receiveHeader(header);
  }

  protected override get discardsInput(): boolean {
    return this.clientState === 'cancelled';
  }

  protected override notifyReadable(): void {
    this.#listener.onReadable?.();
  }

  override acknowledge(offset: number, window: number): void {
    super.acknowledge(offset, Math.min(window, MAX_UNACKNOWLEDGED_BYTES));
    this.#acks += 1;
    this.#acknowledged = Math.max(this.#acknowledged, offset);
    this.#listener.onAck?.(offset);
  }

  protected override release(error: TransferError): void {
    this.dropReceived();
    this.#shrink();
    this.host.removeChannel(this);
    this.failPendingWrite(error);
    if (this.#isAbandoned) return;
    if (this.#listener.onLost) this.#listener.onLost(error);
    else this.#listener.onClose(error);
  }

  /** Counts what a server sends on a cancelled channel beyond the window: nothing, unless it breaks the rules. */
  #drop(length: number): void {
    if (!this.receiving.receive(length)) this.#droppedBytes += length;
    if (this.#droppedBytes <= DEFAULT_WINDOW_BYTES) return;
    this.host.fail(new TransferError('EFLOOD', 'The server does not stop to send on a cancelled channel.'));
  }

  #tune({ reservation, maxWindowBytes }: WindowGrowth, windowBytes: number): void {
    const reserve = (bytes: number): number =>
      windowBytes + reservation.grow(Math.min(bytes, maxWindowBytes) - windowBytes);
    const tuning = new WindowTuning(this.minRtt, reserve);
    this.receiving.tuning = tuning;
    tuning.onGrant(0);
  }

  /** Releases the growth of the window once the channel is closed and all bytes are taken. */
  #shrink(): void {
    if (this.#reservation && this.closed && this.received.length === 0) this.#reservation.release();
  }

  #close(outcome: FrameOf<'result'> | TransferError): void {
    this.#leave(outcome instanceof TransferError ? outcome : undefined);
    if (!this.#isAbandoned) this.#listener.onClose(outcome);
  }

  #leave(error: TransferError | undefined): void {
    this.host.dropUndelivered(this);
    this.#shrink();
    this.host.removeChannel(this);
    this.failPendingWrite(error);
  }
}
