/** The client's end of a channel: it asks, sends a body where the operation takes one, and gets one terminal frame. */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_UNACKNOWLEDGED_BYTES } from '../../protocol/limits.js';
import { ByteQueue } from './byte-queue.js';
import { Channel, type ChannelHost, type ChannelWindows } from './channel.js';
import type { WindowReservation } from '../flow-control/window-budget.js';
import { WindowTuning } from '../flow-control/window-tuning.js';

/** What whoever opened a channel wants to know of it. */
export interface ClientChannelListener {
  /** The server serves the request. */
  onAccept?(frame: FrameOf<'accept'>): void;
  /** There are received bytes to take. */
  onReadable?(): void;
  /** The server has taken in so many bytes of the body that this channel sends. */
  onAck?(offset: number): void;
  /** The server's last word: a result, or the error. Bytes may still wait to be taken. */
  onClose(outcome: FrameOf<'result'> | TransferError): void;
  /**
   * The last word will never come: the connection is gone, or does not take the request any more. The error says
   * whether the server may have got the request (`outcomeUnknown`). Received bytes that nobody took are dropped. Without
   * this function `closed` is told.
   */
  onLost?(error: TransferError): void;
}

/** How the window of the server's body may grow. */
export interface WindowGrowth {
  readonly share: WindowReservation;
  readonly maxWindowBytes: number;
}

/** A frame of the server's that concerns one channel. */
export type ServerFrame = FrameOf<'accept' | 'result' | 'error'>;

export class ClientChannel extends Channel {
  readonly #listener: ClientChannelListener;
  /** Whether the channel waits for its turn to be opened. */
  queued = false;
  protected readonly received = new ByteQueue({ isExact: true });
  readonly #wantsBody: boolean;
  readonly #growth: WindowReservation | undefined;
  #acks = 0;

  constructor(
    host: ChannelHost,
    id: number,
    settings: ChannelWindows & { listener: ClientChannelListener; growth?: WindowGrowth | undefined },
  ) {
    super(host, id, settings);
    this.#listener = settings.listener;
    this.#wantsBody = settings.receive > 0;
    this.#growth = settings.growth?.share;
    if (settings.growth) this.#tune(settings.growth, settings.receive);
  }

  /** Whether a body of the server's was asked for. */
  get wantsBody(): boolean {
    return this.#wantsBody;
  }

  /** A number that rises whenever something moves, in either direction. */
  get progress(): number {
    return this.bytesSent + this.bytesReceived + this.#acks;
  }

  /** Tells the server that the body is complete. */
  end(size: number, checksum: string | undefined): void {
    if (this.closed) return;
    this.moveClient('end');
    this.host.sendFrame({ type: 'end', id: this.id, size, checksum });
  }

  /** Asks the server to stop; the terminal frame is still awaited. Received bytes are dropped from now on. */
  cancel(): void {
    this.received.clear();
    this.#shrink();
    if (this.closed || this.clientState === 'cancelled') return;
    this.moveClient('cancel');
    this.failPendingWrite(undefined);
    this.host.sendFrame({ type: 'cancel', id: this.id });
  }

  /** Takes a frame of the server's. */
  handle(frame: ServerFrame): void {
    this.moveServer(frame.type);
    switch (frame.type) {
      case 'accept':
        // Written as an offset from the body's start, so it is an ack of nothing with a window.
        if (frame.window !== undefined)
          super.acknowledge(0, Math.min(frame.window, MAX_UNACKNOWLEDGED_BYTES));
        this.#listener.onAccept?.(frame);
        return;
      case 'result':
        return this.#close(frame);
      case 'error':
        return this.#close(errorOf(frame));
    }
  }

  override consumed(bytes: number): void {
    super.consumed(bytes);
    this.#shrink();
  }

  override receiveHeader(length: number): void {
    this.moveServer('data');
    super.receiveHeader(length);
  }

  protected override get discards(): boolean {
    return this.clientState === 'cancelled';
  }

  protected override readable(): void {
    this.#listener.onReadable?.();
  }

  override acknowledge(offset: number, window: number): void {
    super.acknowledge(offset, Math.min(window, MAX_UNACKNOWLEDGED_BYTES));
    this.#acks += 1;
    this.#listener.onAck?.(offset);
  }

  protected override release(error: TransferError): void {
    this.received.clear();
    this.#shrink();
    this.host.removeChannel(this);
    this.failPendingWrite(error);
    if (this.#listener.onLost) this.#listener.onLost(error);
    else this.#listener.onClose(error);
  }

  #tune({ share, maxWindowBytes }: WindowGrowth, windowBytes: number): void {
    const makeRoom = (bytes: number): number =>
      windowBytes + share.grow(Math.min(bytes, maxWindowBytes) - windowBytes);
    const tuning = new WindowTuning(this.minRtt, makeRoom);
    this.receiving.tune(tuning);
    tuning.granted(0);
  }

  /** Gives back what the window has grown by, once nothing comes and nothing waits any more. */
  #shrink(): void {
    if (this.#growth && this.closed && this.received.length === 0) this.#growth.release();
  }

  #close(outcome: FrameOf<'result'> | TransferError): void {
    this.#shrink();
    this.host.removeChannel(this);
    this.failPendingWrite(outcome instanceof TransferError ? outcome : undefined);
    this.#listener.onClose(outcome);
  }
}

/** The error that a frame says. */
export function errorOf(frame: FrameOf<'error'>): TransferError {
  const { code, message, path, retryable } = frame;
  return new TransferError(code, message, { path, retryable });
}
