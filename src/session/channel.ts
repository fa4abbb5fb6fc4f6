/**
 * A channel: one request's place on a connection. It is no stream, but what streams and operations are made of: it
 * sends one parked chunk at a time under the peer's credit, and holds received bytes until they are taken.
 *
 *     send(chunk) -> parked -> nextFrame() on the channel's turn, as far as credit goes -> done()
 *     receive(piece) -> queue -> take() -> consumed() -> ack, when a quarter of the window has been
 */
import { ByteQueue } from './byte-queue.js';
import { TransferError } from '../errors.js';
import type { Frame } from '../protocol/frames.js';
import { MAX_INTEGER } from '../protocol/limits.js';
import { nextClientState, nextServerState, type ClientEvent, type ServerEvent } from './transitions.js';
import type { ClientState, ServerState } from './transitions.js';
import { ReceiveWindow, SendWindow } from './windows.js';

/** What a channel needs of its session. */
export interface ChannelHost {
  /** Sends a control frame. */
  sendFrame(frame: Frame): void;
  /** Notes that the channel has bytes that it may send. */
  wantsTurn(channel: Channel): void;
  /** Forgets a channel that is over. */
  forget(channel: Channel): void;
}

interface Parked {
  chunk: Uint8Array;
  done: (error?: TransferError) => void;
}

/** What both ends of a channel have in common. */
export abstract class Channel {
  readonly id: number;
  protected readonly host: ChannelHost;
  protected readonly sending: SendWindow;
  protected readonly receiving: ReceiveWindow;
  protected readonly received = new ByteQueue();
  #clientState: ClientState = 'sending';
  #serverState: ServerState = 'opened';
  #parked: Parked | undefined;

  constructor(host: ChannelHost, id: number, windows: { send: number | undefined; receive: number }) {
    this.host = host;
    this.id = id;
    this.sending = new SendWindow(windows.send ?? MAX_INTEGER);
    this.receiving = new ReceiveWindow(windows.receive);
  }

  /** Whether the terminal frame has been sent or received, or the connection is gone. */
  get closed(): boolean {
    return this.#serverState === 'closed';
  }

  /** What the client may still say. */
  get clientState(): ClientState {
    return this.#clientState;
  }

  /** Bytes of the own body handed to the connection. */
  get bytesSent(): number {
    return this.sending.sent;
  }

  /** Bytes of the other end's body that have come. */
  get bytesReceived(): number {
    return this.receiving.received;
  }

  /** Sends a chunk, which must not change until `done` is called; one at a time. An empty one is done at once. */
  send(chunk: Uint8Array, done: (error?: TransferError) => void): void {
    if (this.closed) return done(closedError());
    if (chunk.length === 0) return done();
    this.#parked = { chunk, done };
    if (this.sending.available > 0) this.host.wantsTurn(this);
  }

  /** Whether there is something to send and credit for it. */
  get ready(): boolean {
    return this.#parked !== undefined && this.sending.available > 0;
  }

  /** The payload of the next data frame, and what to call when it is on its way; undefined if there is none. */
  nextFrame(maxBytes: number): { payload: Uint8Array; sent: (() => void) | undefined } | undefined {
    const parked = this.#parked;
    const bytes = Math.min(maxBytes, this.sending.available, parked?.chunk.length ?? 0);
    if (parked === undefined || bytes === 0) return undefined;
    this.sending.spend(bytes);
    if (bytes < parked.chunk.length) {
      const payload = parked.chunk.subarray(0, bytes);
      parked.chunk = parked.chunk.subarray(bytes);
      return { payload, sent: undefined };
    }
    this.#parked = undefined;
    return { payload: parked.chunk, sent: () => parked.done() };
  }

  /** Takes the peer's word on what it has taken in. */
  acknowledge(offset: number, window: number): void {
    if (!this.sending.acknowledge(offset, window))
      throw protocolError('An ack is for bytes that were never sent.');
    if (this.ready) this.host.wantsTurn(this);
  }

  /** Counts a data frame that begins; its payload follows piece by piece. */
  announce(length: number): void {
    if (!this.receiving.receive(length)) {
      throw new TransferError('EFLOOD', 'A data frame is larger than the window that was granted.');
    }
  }

  /** Takes a piece of payload in. */
  receive(piece: Buffer): void {
    if (this.discards) return;
    this.received.push(piece);
    this.readable();
  }

  /** Bytes received and not taken yet. */
  get waitingBytes(): number {
    return this.received.length;
  }

  /** Takes received bytes out. The peer may send as many more once they are `consumed`. */
  take(maxBytes: number): Buffer[] {
    return this.received.take(maxBytes);
  }

  /** Says that bytes which were taken out are stored, or in the application's hands. */
  consumed(bytes: number): void {
    const grant = this.receiving.consume(bytes);
    if (grant && !this.closed) this.host.sendFrame({ type: 'ack', id: this.id, ...grant });
  }

  /** The channel ends without the peer's doing: the connection is gone. */
  abandon(error: TransferError): void {
    if (this.closed) return;
    this.#serverState = 'closed';
    this.release(error);
  }

  protected moveClient(event: ClientEvent): void {
    const next = nextClientState(this.#clientState, event);
    if (next === undefined)
      throw protocolError(`A frame of type ${event} comes when the client may not send it.`);
    this.#clientState = next;
  }

  protected moveServer(event: ServerEvent): void {
    const next = nextServerState(this.#serverState, event);
    if (next === undefined)
      throw protocolError(`A frame of type ${event} comes when the server may not send it.`);
    this.#serverState = next;
  }

  /** Lets go of what is parked: nothing more will be sent. */
  protected dropParked(error: TransferError | undefined): void {
    const parked = this.#parked;
    this.#parked = undefined;
    parked?.done(error ?? closedError());
  }

  /** After the terminal frame, or the loss of the connection (with an error). */
  protected abstract release(error: TransferError | undefined): void;
  /** Whether nobody waits for received bytes any more. */
  protected abstract get discards(): boolean;
  /** Called when there are received bytes. */
  protected abstract readable(): void;
}

/** The peer broke the protocol; ends the connection. */
export function protocolError(message: string): TransferError {
  return new TransferError('EPROTO', message);
}

function closedError(): TransferError {
  return new TransferError('ECANCELED', 'The channel is closed.');
}
