/**
 * A channel: one request on a connection. It is not a stream; streams and operations are built on it.
 *
 *     send(pieces, done) -> PendingWrite -> nextFrame(), as far as the send window allows -> done()
 *     receive(piece) -> ByteQueue -> take(), readChunk() -> consumed() -> ack after a quarter of the window
 */
import { queueMicrotask } from '../../clock.js';
import { protocolError, TransferError } from '../../errors.js';
import type { Frame, FrameOf } from '../../protocol/frames.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import type { ChannelWindows } from '../flow-control/channel-windows.js';
import type { MinRtt } from '../flow-control/min-rtt.js';
import { ReceiveWindow, SendWindow } from '../flow-control/windows.js';
import { NONE, type ByteQueue } from './byte-queue.js';
import { splitAt, type Payload, type Pieces } from './body/payload.js';
import { ReceivedChecksums, type BodySum } from './received-checksums.js';
import { ReceivedOffsets } from './body/received-offsets.js';
import { nextClientState, nextServerState } from './transitions.js';
import type { ClientEvent, ClientState, ServerEvent, ServerState } from './transitions.js';

/** The session, as its channels use it. */
export interface ChannelHost {
  sendFrame(frame: Frame): void;
  /** Ends the connection with an error. */
  fail(error: TransferError): void;
  /** Sends credit, perhaps later if the body comes with offsets. */
  grant(frame: FrameOf<'ack'>, hasOffsets: boolean): void;
  /** Queues a channel that has bytes and credit to send. */
  schedule(channel: Channel): void;
  /** Removes a closed channel. */
  removeChannel(channel: Channel): void;
  /** Whether bytes that the peer has sent over a UDP path may still arrive. */
  readonly isDelivering: boolean;
  /** Does not send again what a UDP path has not delivered of a channel. */
  dropUndelivered(channel: Channel): void;
}

interface PendingWrite {
  pieces: Pieces;
  done: (error?: TransferError) => void;
  /** Of the bytes of the body before these; in the first frame. */
  checksum: string | undefined;
}

/** The part of a channel that both ends share. */
export abstract class Channel {
  /**
   * Whether each data frame of the other end may have a checksum, which is compared; otherwise those that follow too closely
   * are ignored. To be set before the first frame arrives.
   */
  verifiesEach = false;
  /** Below 0 while the channel is not open; the session sets it. */
  id: number;
  readonly hasBody: boolean;
  /** Whether the channel is queued in the session's output, which sets this. */
  isScheduled = false;
  /** Whether the body of this end may travel over a UDP path. To be set before its first byte. */
  prefersPath = false;
  /** Whether the body of this end is sent with offsets; the path sets it. */
  sendsOffsets = false;
  /** The peer's `end` frame, once its body is complete. */
  peerEnd: FrameOf<'end'> | undefined;
  protected readonly host: ChannelHost;
  protected readonly sending: SendWindow;
  protected readonly receiving: ReceiveWindow;
  protected abstract readonly received: ByteQueue;
  protected readonly minRtt: MinRtt;
  #clientState: ClientState = 'sending';
  #serverState: ServerState = 'opened';
  #pendingWrite: PendingWrite | undefined;
  #creditError: TransferError | undefined;
  #checksums: ReceivedChecksums | undefined;
  /** Undefined if the peer may not send its body with offsets. */
  readonly #offsets: ReceivedOffsets | undefined;
  /** Of the payload that follows, if it has one. */
  #payloadOffset: number | undefined;
  /** Bytes that were added to their checksum before there were `#checksums`. */
  #added = 0;

  constructor(host: ChannelHost, id: number, windows: ChannelWindows) {
    this.host = host;
    this.id = id;
    this.hasBody = windows.hasBody === true;
    this.sending = new SendWindow(windows.send ?? MAX_INTEGER);
    this.receiving = new ReceiveWindow(windows.receive);
    const onReadable = (): void => this.notifyReadable();
    if (windows.takesOffsets === true) this.#offsets = new ReceivedOffsets(this.receiving, onReadable);
    this.minRtt = windows.minRtt;
  }

  /** Whether the last frame was sent or received, or the connection is lost. */
  get closed(): boolean {
    return this.#serverState === 'closed';
  }

  get clientState(): ClientState {
    return this.#clientState;
  }

  protected get isAccepted(): boolean {
    return this.#serverState !== 'opened';
  }

  /** Whether no more of the peer's body arrives although it has not ended. */
  get isTruncated(): boolean {
    return false;
  }

  /** Bytes of body sent so far. */
  get bytesSent(): number {
    return this.sending.sent;
  }

  /** Bytes of body received so far. */
  get bytesReceived(): number {
    return this.receiving.received;
  }

  /**
   * Sends pieces, which must not change. Calls `done` when the next call may follow.
   *
   * @param checksum - of all bytes of the body before them
   */
  send(pieces: Pieces, done: (error?: TransferError) => void, checksum?: string): void {
    if (this.closed) return done(closedError());
    const filled = pieces.filter(({ length }) => length > 0);
    if (filled.length === 0) return done();
    this.#pendingWrite = { pieces: filled, done, checksum };
    if (this.sending.available > 0) this.host.schedule(this);
    else this.#failWithoutCredit();
  }

  /** Sends the end of this end's body. */
  abstract end(size: number, checksum: string | undefined): void;

  get hasPendingWrite(): boolean {
    return this.#pendingWrite !== undefined;
  }

  /** Whether there are bytes to send and credit for them. */
  get canSend(): boolean {
    return this.#pendingWrite !== undefined && this.sending.available > 0;
  }

  /** The payload of the next data frame; undefined if there is none. */
  nextFrame(maxBytes: number): Payload | undefined {
    const pending = this.#pendingWrite;
    const room = Math.min(maxBytes, this.sending.available);
    if (!pending || room === 0) return undefined;
    const { pieces, rest, bytes } = splitAt(pending.pieces, room);
    const offset = this.sendsOffsets ? this.bytesSent : undefined;
    this.sending.spend(bytes);
    const checksum = this.sendsOffsets ? undefined : pending.checksum;
    pending.checksum = undefined;
    if (rest.length > 0) {
      pending.pieces = rest;
      // In a microtask: this may end the channel, whose frame is not written yet.
      if (this.#creditError) queueMicrotask(() => this.#failWithoutCredit());
      return { pieces, bytes, checksum, offset, onSent: undefined };
    }
    this.#pendingWrite = undefined;
    return { pieces, bytes, checksum, offset, onSent: () => pending.done() };
  }

  /** Handles an `ack` of the peer. */
  acknowledge(offset: number, window: number): void {
    if (!this.sending.acknowledge(offset, window))
      throw protocolError(`An ack is for offset ${offset}, but only ${this.bytesSent} bytes were sent.`);
    if (this.canSend) this.host.schedule(this);
  }

  /** Counts a data frame. Its payload follows in pieces. */
  receiveHeader({ length, checksum, offset }: FrameOf<'data'>): void {
    this.#payloadOffset = offset;
    if (offset !== undefined) return this.receiveAt(offset, NONE);
    if (length > 0) this.#offsets?.refusePlain();
    if (checksum !== undefined && !this.discardsInput)
      (this.#checksums ??= new ReceivedChecksums(this.#added, this.verifiesEach)).note(
        this.bytesReceived,
        checksum,
      );
    if (!this.receiving.receive(length)) {
      throw new TransferError('EFLOOD', `A data frame of ${length} bytes exceeds the flow-control window.`);
    }
    // What was taken before may be verified now.
    if (length === 0 && checksum !== undefined && !this.discardsInput) this.notifyReadable();
  }

  /** Queues a copy of a piece of payload. */
  receive(piece: Buffer): void {
    if (this.#payloadOffset !== undefined) {
      this.receiveAt(this.#payloadOffset, piece);
      this.#payloadOffset += piece.length;
    } else if (!this.discardsInput) {
      this.received.push(piece);
      this.notifyReadable();
    }
  }

  /** Receives a part of the body, in any order. The bytes are copied. */
  receiveAt(offset: number, bytes: Uint8Array): void {
    if (this.discardsInput) return;
    if (!this.#offsets) throw protocolError('The peer has sent an offset for a body that has none.');
    this.#offsets.add({ offset, bytes }, this.received);
  }

  /** Whether some of the peer's `size` bytes are missing that have offsets, so that they may arrive later. */
  protected isMissing(size: number): boolean {
    return this.#offsets?.isMissing(size, this.host.isDelivering) === true;
  }

  /** The peer has sent again what a UDP path did not deliver: what is missing now will not arrive. */
  abstract onDelivered(): void;

  /** Drops received bytes, finally. */
  protected dropReceived(): void {
    this.received.clear();
    this.#offsets?.clear();
  }

  /** Bytes received and not taken yet. */
  get bufferedBytes(): number {
    return this.received.length;
  }

  /** Takes received bytes; the caller owns them. The peer may send more after a call of `consumed`. */
  take(maxBytes: number): Buffer[] {
    return this.received.take(maxBytes);
  }

  /** Takes the next piece as received, or its first `maxBytes`. */
  readChunk(maxBytes: number): Buffer {
    return this.received.takePiece(maxBytes);
  }

  /** Adds the next taken bytes to their checksum. Throws EBADMSG if the sender had another one up to a byte of them. */
  addTo(sum: BodySum, piece: Uint8Array): void {
    if (this.#checksums) return this.#checksums.add(sum, piece);
    sum.update(piece);
    this.#added += piece.length;
  }

  /** Compares the added bytes with a checksum that has arrived behind them. Throws EBADMSG. */
  verify(sum: BodySum): void {
    this.#checksums?.add(sum, NONE);
  }

  /** Reports that taken bytes were stored or passed to the application. */
  consumed(bytes: number): void {
    if (this.closed) return;
    const ack = this.receiving.consume(bytes, this.received.length);
    if (ack) this.host.grant({ type: 'ack', id: this.id, ...ack }, this.#offsets?.isUsed === true);
  }

  /** Ends the request: the peer has sent a frame that the rules of this channel do not allow. */
  abstract refuse(error: TransferError): void;

  /** Closes the channel without a last frame: the connection is lost, or does not accept the request. */
  destroy(error: TransferError): void {
    if (this.closed) return;
    this.#serverState = 'closed';
    this.release(error);
  }

  protected moveClient(event: ClientEvent): void {
    this.#clientState = nextClientState(this.#clientState, event);
  }

  protected moveServer(event: ServerEvent): void {
    this.#serverState = nextServerState(this.#serverState, event);
  }

  /** The peer will grant no more credit: writes beyond the present credit fail with this error. */
  protected endCredit(error: TransferError): void {
    this.#creditError = error;
    this.#failWithoutCredit();
  }

  #failWithoutCredit(): void {
    if (this.#creditError && this.hasPendingWrite && !this.canSend) this.failPendingWrite(this.#creditError);
  }

  protected failPendingWrite(error: TransferError | undefined): void {
    const pending = this.#pendingWrite;
    this.#pendingWrite = undefined;
    pending?.done(error ?? closedError());
  }

  /** Cleans up after the last frame, or (with an error) after the loss of the connection. */
  protected abstract release(error: TransferError | undefined): void;
  /** Whether received bytes are dropped. */
  protected abstract get discardsInput(): boolean;
  /** Called when there are bytes to take. */
  protected abstract notifyReadable(): void;
}

function closedError(): TransferError {
  return new TransferError('ECANCELED', 'The channel is closed.');
}
