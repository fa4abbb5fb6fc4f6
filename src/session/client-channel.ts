/** The client's end of a channel: it asks, sends a body where the operation takes one, and gets one terminal frame. */
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import { Channel, type ChannelHost } from './channel.js';

/** What whoever opened a channel wants to know of it. */
export interface ClientChannelListener {
  /** The server serves the request. */
  accepted?(frame: FrameOf<'accept'>): void;
  /** There are received bytes to take. */
  readable?(): void;
  /** The last word: a result, or the error. Bytes may still wait to be taken. */
  closed(outcome: FrameOf<'result'> | TransferError): void;
}

/** A frame of the server's that concerns one channel. */
export type ServerFrame = FrameOf<'accept' | 'result' | 'error'>;

export class ClientChannel extends Channel {
  readonly #listener: ClientChannelListener;

  constructor(
    host: ChannelHost,
    id: number,
    settings: { listener: ClientChannelListener; send: number; receive: number },
  ) {
    super(host, id, settings);
    this.#listener = settings.listener;
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
    if (this.closed || this.clientState === 'cancelled') return;
    this.moveClient('cancel');
    this.dropParked(undefined);
    this.host.sendFrame({ type: 'cancel', id: this.id });
  }

  /** Takes a frame of the server's. */
  handle(frame: ServerFrame): void {
    this.moveServer(frame.type);
    switch (frame.type) {
      case 'accept':
        // Written as an offset from the body's start, so it is an ack of nothing with a window.
        if (frame.window !== undefined) this.acknowledge(0, frame.window);
        this.#listener.accepted?.(frame);
        return;
      case 'result':
        return this.#close(frame);
      case 'error':
        return this.#close(errorOf(frame));
    }
  }

  override announce(length: number): void {
    this.moveServer('data');
    super.announce(length);
  }

  protected override get discards(): boolean {
    return this.clientState === 'cancelled';
  }

  protected override readable(): void {
    this.#listener.readable?.();
  }

  protected override release(error: TransferError): void {
    this.#close(error);
  }

  #close(outcome: FrameOf<'result'> | TransferError): void {
    this.host.forget(this);
    this.dropParked(outcome instanceof TransferError ? outcome : undefined);
    this.#listener.closed(outcome);
  }
}

/** The error that a frame says. */
export function errorOf(frame: FrameOf<'error'>): TransferError {
  const { code, message, path, retryable } = frame;
  return new TransferError(code, message, { path, retryable });
}
