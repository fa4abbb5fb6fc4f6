/**
 * A channel: one request's place on a connection. It is no stream, but what streams and operations are made of: it
 * sends what is parked under the peer's credit, and holds received bytes until they are taken.
 *
 *     send(pieces) -> parked -> nextFrame() on the channel's turn, as far as credit goes -> done()
 *     receive(piece) -> queue -> take() -> consumed() -> ack, when a quarter of the window has been
 */
import { protocolError, TransferError } from '../../errors.js';
import type { Frame } from '../../protocol/frames.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import type { ByteQueue } from './byte-queue.js';
import type { MinRtt } from '../flow-control/min-rtt.js';
import { clientTransitions, serverTransitions } from './transitions.js';
import type { ClientEvent, ClientState, ServerEvent, ServerState } from './transitions.js';
import { ReceiveWindow, SendWindow } from '../flow-control/windows.js';

/** What a channel needs of its session. */
export interface ChannelHost {
  /** Sends a control frame. */
  sendFrame(frame: Frame): void;
  /** Notes that the channel has bytes that it may send. */
  schedule(channel: Channel): void;
  /** Forgets a channel that is over. */
  removeChannel(channel: Channel): void;
}

type Pieces = readonly Uint8Array[];

interface Parked {
  pieces: Pieces;
  done: (error?: TransferError) => void;
}

/** The payload of one data frame. */
export interface Payload {
  readonly pieces: Pieces;
  readonly bytes: number;
  /** To be called when the payload is on its way, if it ends what was given to `send`. */
  readonly sent: (() => void) | undefined;
}

/** What may be sent at first, and what the peer may send; by the round trip a window learns how large it should be. */
export interface ChannelWindows {
  readonly send: number | undefined;
  readonly receive: number;
  readonly minRtt: MinRtt;
}

/** What both ends of a channel have in common. */
export abstract class Channel {
  readonly id: number;
  protected readonly host: ChannelHost;
  protected readonly sending: SendWindow;
  protected readonly receiving: ReceiveWindow;
  protected abstract readonly received: ByteQueue;
  protected readonly minRtt: MinRtt;
  /** Whether it stands in the row of those that have something to send. Whoever has that row says so. */
  hasTurn = false;
  #clientState: ClientState = 'sending';
  #serverState: ServerState = 'opened';
  #parked: Parked | undefined;
  #creditEnd: TransferError | undefined;

  constructor(host: ChannelHost, id: number, windows: ChannelWindows) {
    this.host = host;
    this.id = id;
    this.sending = new SendWindow(windows.send ?? MAX_INTEGER);
    this.receiving = new ReceiveWindow(windows.receive);
    this.minRtt = windows.minRtt;
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

  /** Sends pieces, which must not change any more; the next ones when `done` is called; at once if there are none. */
  send(pieces: Pieces, done: (error?: TransferError) => void): void {
    if (this.closed) return done(closedError());
    const parked = pieces.filter(({ length }) => length > 0);
    if (parked.length === 0) return done();
    this.#parked = { pieces: parked, done };
    if (this.sending.available > 0) this.host.schedule(this);
    else this.#dropWithoutCredit();
  }

  /** Whether there is something to send. */
  get hasPendingWrite(): boolean {
    return this.#parked !== undefined;
  }

  /** Whether there is something to send and credit for it. */
  get canSend(): boolean {
    return this.#parked !== undefined && this.sending.available > 0;
  }

  /** The payload of the next data frame; undefined if there is none. */
  nextFrame(maxBytes: number): Payload | undefined {
    const parked = this.#parked;
    const room = Math.min(maxBytes, this.sending.available);
    if (!parked || room === 0) return undefined;
    const { pieces, rest, bytes } = cut(parked.pieces, room);
    this.sending.spend(bytes);
    if (rest.length > 0) {
      parked.pieces = rest;
      // Later, for it may end the channel, and the frame is not on its way yet.
      if (this.#creditEnd) queueMicrotask(() => this.#dropWithoutCredit());
      return { pieces, bytes, sent: undefined };
    }
    this.#parked = undefined;
    return { pieces, bytes, sent: () => parked.done() };
  }

  /** Takes the peer's word on what it has taken in. */
  acknowledge(offset: number, window: number): void {
    if (!this.sending.acknowledge(offset, window))
      throw protocolError('An ack is for bytes that were never sent.');
    if (this.canSend) this.host.schedule(this);
  }

  /** Counts a data frame that begins; its payload follows piece by piece. */
  receiveHeader(length: number): void {
    if (!this.receiving.receive(length)) {
      throw new TransferError('EFLOOD', 'A data frame is larger than the window that was granted.');
    }
  }

  /** Takes a piece of payload in, which may be changed again after the call. */
  receive(piece: Buffer): void {
    if (this.discards) return;
    this.received.push(piece);
    this.readable();
  }

  /** Bytes received and not taken yet. */
  get bufferedBytes(): number {
    return this.received.length;
  }

  /** Takes received bytes out: they are the caller's alone. The peer may send as many more once they are `consumed`. */
  take(maxBytes: number): Buffer[] {
    return this.received.take(maxBytes);
  }

  /** Takes the next piece out, as it has come, or so many bytes of it. */
  readChunk(maxBytes: number): Buffer {
    return this.received.takePiece(maxBytes);
  }

  /** Says that bytes which were taken out are stored, or in the application's hands. */
  consumed(bytes: number): void {
    if (this.closed) return;
    const grant = this.receiving.consume(bytes, this.received.length);
    if (grant) this.host.sendFrame({ type: 'ack', id: this.id, ...grant });
  }

  /** The channel ends without the peer's doing: the connection is gone. */
  abandon(error: TransferError): void {
    if (this.closed) return;
    this.#serverState = 'closed';
    this.release(error);
  }

  protected moveClient(event: ClientEvent): void {
    this.#clientState = clientTransitions[this.#clientState][event] ?? unexpected(event, 'client');
  }

  protected moveServer(event: ServerEvent): void {
    this.#serverState = serverTransitions[this.#serverState][event] ?? unexpected(event, 'server');
  }

  /** The peer will never allow more bytes: what has no credit, now or later, fails with this error. */
  protected endCredit(error: TransferError): void {
    this.#creditEnd = error;
    this.#dropWithoutCredit();
  }

  #dropWithoutCredit(): void {
    if (this.#creditEnd && this.hasPendingWrite && !this.canSend) this.failPendingWrite(this.#creditEnd);
  }

  /** Lets go of what is parked: nothing more will be sent. */
  protected failPendingWrite(error: TransferError | undefined): void {
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

/** Pieces cut in two after a number of bytes. */
function cut(all: Pieces, room: number): { pieces: Pieces; rest: Pieces; bytes: number } {
  let left = room;
  for (const [index, piece] of all.entries()) {
    if (piece.length > left) {
      const first = left > 0 ? [piece.subarray(0, left)] : [];
      const rest = [piece.subarray(left), ...all.slice(index + 1)];
      return { pieces: [...all.slice(0, index), ...first], rest, bytes: room };
    }
    left -= piece.length;
  }
  return { pieces: all, rest: [], bytes: room - left };
}

function unexpected(type: string, sender: string): never {
  throw protocolError(`A frame of type ${type} comes when the ${sender} may not send it.`);
}

function closedError(): TransferError {
  return new TransferError('ECANCELED', 'The channel is closed.');
}
