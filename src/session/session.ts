/**
 * A session: the protocol of one connection, without sockets, clocks and files, so that it runs over anything that carries bytes.
 *
 *     receive(bytes) -> Decoder -> frame(), payload() -> Channel -> the channel's listener
 *     read() -> bytes <- Outbound <- sendFrame(), and the channels' data frames
 *
 * A frame that breaks a rule of its channel ends that channel. Any other protocol error ends the session, which sends one
 * `error` frame last.
 */
import type { Codec, Decoder, FrameSink } from '../codecs/codec.js';
import { protocolError, TransferError } from '../errors.js';
import type { Frame, FrameOf, UnknownFrame } from '../protocol/frames.js';
import { INITIAL_MAX_HEADER_BYTES, MIN_FRAME_BYTES } from '../protocol/limits.js';
import type { Channel, ChannelHost } from './channel/channel.js';
import { errorFrame } from './channel/server-channel.js';
import { HeaderChecks } from './header-checks.js';
import { KeepAliveNegotiation } from './keep-alive/keep-alive-negotiation.js';
import { Pings } from './keep-alive/pings.js';
import type { BodyPiece } from '../udp/body-source.js';
import { SessionChannels } from './channel/session-channels.js';
import { Outbound } from './outbound.js';
import type { SessionPathHost } from './path/session-path.js';
import type { SessionListener, SessionSettings } from './settings.js';

type Phase = 'handshake' | 'open' | 'ended';

export abstract class Session<AnyChannel extends Channel>
  extends SessionChannels<AnyChannel>
  implements FrameSink, ChannelHost, SessionPathHost
{
  readonly keepAlive: KeepAliveNegotiation;
  /** The codec; a server detects it from the first bytes. */
  codec: Codec | undefined;
  /** Number of frames and payload chunks decoded so far; the heartbeat uses it to detect activity. */
  activityCount = 0;
  /** Whether the session ended with an error. */
  failed = false;
  protected readonly settings: SessionSettings;
  protected readonly outbound: Outbound;
  protected readonly headerChecks = new HeaderChecks();
  protected pings: Pings | undefined;
  protected phase: Phase = 'handshake';
  /** Whether the session opens no new channel and ends after its last one. */
  protected draining = false;
  /** Whether output was read: the peer may have received it. */
  protected hasSent = false;
  /** The highest channel id so far. */
  protected lastId = 0;
  readonly #listener: SessionListener;
  readonly #limits: { maxHeaderBytes: number; maxFrameBytes: number };
  #decoder: Decoder | undefined;
  /** The channel of the current frame, and of its payload, between whose pieces datagrams of others may arrive. */
  #currentChannel: AnyChannel | undefined;
  #inputEnded = false;
  #onOutput: (() => void) | undefined;

  constructor(settings: SessionSettings, listener: SessionListener) {
    super();
    this.settings = settings;
    this.keepAlive = new KeepAliveNegotiation(settings.keepAliveTimeoutMs);
    this.#listener = listener;
    const maxHeaderBytes = Math.min(INITIAL_MAX_HEADER_BYTES, settings.maxHeaderBytes);
    this.#limits = { maxHeaderBytes, maxFrameBytes: MIN_FRAME_BYTES };
    this.outbound = new Outbound(this.headerChecks, () => this.#onOutput?.());
  }

  // For the endpoint

  /** Sets the function that is called when there is output to read, and when the session ends. */
  set onOutput(callback: () => void) {
    this.#onOutput = callback;
    callback();
  }

  /** Decodes bytes of the peer. The caller may reuse the chunk afterwards. */
  receive(chunk: Buffer): void {
    if (this.phase === 'ended') return;
    if (this.#decoder) this.#decoder.write(chunk);
    else this.receiveFirst(chunk);
  }

  /** The peer has ended its side. It may still read. */
  receiveEnd(): void {
    if (this.phase === 'ended' || this.#inputEnded) return;
    this.#inputEnded = true;
    this.onInputEnd();
    this.endWhenIdle();
  }

  /** Ends the session without a last frame: the transport is gone. */
  disconnect(error?: TransferError): void {
    if (this.phase !== 'ended') this.#end(error ?? new TransferError('ECONNRESET'));
    this.outbound.dropData();
  }

  /** Returns the next output, or nothing. With `enoughBytes` 0: only frames without a body. */
  read(enoughBytes: number, maxFrameBytes = Infinity): Uint8Array[] {
    this.hasSent = true;
    return this.outbound.take(enoughBytes, Math.min(maxFrameBytes, this.#limits.maxFrameBytes));
  }

  /** Whether the session has ended. Its last frames may still wait to be read. */
  get ended(): boolean {
    return this.phase === 'ended';
  }

  /** Whether the session has ended and all of its output was read. */
  get finished(): boolean {
    return this.phase === 'ended' && this.outbound.isEmpty;
  }

  /** Whether frames without a body wait to be read. */
  get hasWaitingFrames(): boolean {
    return this.outbound.controlBytes > 0;
  }

  /** Whether to stop reading from the peer, because it does not read the answers. */
  abstract get congested(): boolean;

  // For the owner

  /** Whether new channels can be opened. */
  get accepting(): boolean {
    return this.phase !== 'ended' && !this.draining;
  }

  /** Resolves with the round-trip time in ms. Rejects when the connection is lost. */
  ping(): Promise<number> {
    if (this.phase === 'ended') return Promise.reject(new TransferError('ECONNRESET'));
    this.pings ??= new Pings((token) => this.sendFrame({ type: 'ping', token }));
    return this.pings.send();
  }

  /** Opens no new channels and ends after the last open one. */
  drain(): void {
    if (!this.accepting) return;
    this.draining = true;
    this.endWhenIdle();
  }

  /** Ends the session now and sends the error to the peer. */
  fail(error: TransferError): void {
    if (this.phase === 'ended') return;
    this.outbound.dropData();
    if (this.codec) this.sendFrame(errorFrame(error));
    else this.sendBeforeCodec(error);
    this.#end(error);
  }

  // FrameSink

  frame(frame: Frame | UnknownFrame): void {
    this.activityCount += 1;
    if (this.phase !== 'ended') this.#guard(() => this.#route(frame));
  }

  payload(piece: Uint8Array): void {
    this.activityCount += 1;
    const channel = this.#currentChannel;
    // A piece is a view of the chunk given to `receive`, which is a Buffer.
    if (this.phase !== 'ended' && channel) this.#guard(() => channel.receive(piece as Buffer));
  }

  error(error: TransferError): void {
    // Such a codec knows itself which headers are damaged.
    this.fail(this.codec?.hasHeaderChecksum ? error : this.headerChecks.unreadable(error));
  }

  // ChannelHost

  sendFrame(frame: Frame): void {
    if (this.phase !== 'ended') this.outbound.frame(frame);
  }

  // SessionPathHost

  receiveAt({ channelId, offset, bytes }: BodyPiece): void {
    this.activityCount += 1;
    const channel = this.channels.get(channelId);
    if (channel && this.phase !== 'ended') this.#guard(() => channel.receiveAt(offset, bytes), channel);
  }

  // For ClientSession and ServerSession

  /** The frames that the peer may send before the handshake is complete. */
  protected abstract readonly handshakeFrames: ReadonlySet<(Frame | UnknownFrame)['type']>;
  /** Handles a frame that only this side receives. Returns false if this side must not receive it. */
  protected abstract handle(frame: Frame): boolean;
  /** The peer has ended its side. */
  protected abstract onInputEnd(): void;

  // A client chooses its codec, so only a server overrides the next two.
  /** Receives bytes before the codec is known. */
  protected receiveFirst(_chunk: Buffer): void {}

  /** Sends an error before the codec is known. */
  protected sendBeforeCodec(_error: TransferError): void {}

  protected useCodec(codec: Codec): Decoder {
    this.codec = this.outbound.codec = codec;
    return (this.#decoder = codec.decoder(this, this.#limits));
  }

  /** Completes the handshake: from now on the negotiated limits hold. */
  protected open(agreed: { agent: string | undefined; maxFrameBytes: number }): void {
    this.phase = 'open';
    this.#limits.maxHeaderBytes = this.settings.maxHeaderBytes;
    this.#limits.maxFrameBytes = agreed.maxFrameBytes;
    this.#listener.onOpen?.(agreed.agent);
    this.endWhenIdle();
  }

  protected override endWhenIdle(): void {
    const isEnding = this.draining || this.#inputEnded;
    if (isEnding && this.phase !== 'ended' && !this.hasRequests && this.idle) this.#end(undefined);
  }

  /** Handles a frame of the UDP path. Throws EPROTO. */
  protected handlePathFrame(frame: FrameOf<'receiver-report' | 'sender-report' | 'confirm'>): void {
    if (!this.channelOf(frame)) return;
    if (frame.id !== this.path?.id) throw protocolError(`The channel ${frame.id} is not that of a UDP path.`);
    this.path.handle(frame);
  }

  /** Whether nothing waits besides channels. */
  protected get idle(): boolean {
    return true;
  }

  /** Fails all channels and pings. */
  protected destroyAll(error: TransferError): void {
    for (const channel of this.channels.values()) channel.destroy(error);
    this.pings?.rejectAll(error);
  }

  /** Answers a frame of a type of a later protocol version. A server gets no answer from its client. */
  protected refuseUnknown(_id: number): void {}

  #route(frame: Frame | UnknownFrame): void {
    this.#currentChannel = undefined;
    this.headerChecks.incoming(frame);
    if (this.phase === 'handshake' && !this.handshakeFrames.has(frame.type))
      throw protocolError(`A frame of type ${frame.type} is not allowed before the handshake.`);
    switch (frame.type) {
      case 'data':
        return this.channelOf(frame)?.receiveHeader(frame);
      case 'ack':
        return this.channelOf(frame)?.acknowledge(frame.offset, frame.window);
      case 'receiver-report':
      case 'sender-report':
        return this.handlePathFrame(frame);
      case 'ping':
        return this.sendFrame({ type: 'pong', token: frame.token });
      case 'pong':
        this.pings?.receive(frame.token);
        return this.endWhenIdle();
      case 'unknown':
        if (frame.id !== undefined) this.refuseUnknown(frame.id);
        return;
      default:
        if (!this.handle(frame)) throw protocolError(`A frame of type ${frame.type} is not allowed here.`);
    }
  }

  /** The channel of a frame; undefined if it has ended. From now on an error is that of the channel. Throws EPROTO. */
  protected channelOf({ id }: { id: number }): AnyChannel | undefined {
    this.#currentChannel = this.channels.get(id);
    // Frames cross: the peer may have sent the frame before it knew that the channel has ended.
    if (!this.#currentChannel && (id > this.lastId || id % 2 === 0))
      throw protocolError(`The channel ${id} was never opened.`);
    return this.#currentChannel;
  }

  /** Ends the given or current channel, or else the session, if the handler throws. Throws again unless it is a TransferError. */
  #guard(handler: () => void, ofDatagram?: AnyChannel): void {
    try {
      handler();
    } catch (thrown) {
      if (!(thrown instanceof TransferError)) {
        this.fail(new TransferError('EIO', 'Internal error.', { cause: thrown }));
        throw thrown;
      }
      const channel = ofDatagram ?? this.#currentChannel;
      if (channel) channel.refuse(thrown);
      else this.fail(thrown);
    }
  }

  #end(error: TransferError | undefined): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.failed = error !== undefined;
    if (this.channels.size > 0 || !this.idle || this.pings?.hasPending === true) {
      this.destroyAll(error ?? new TransferError('ECONNRESET'));
    }
    this.path?.close();
    this.#listener.onEnd?.(error);
    this.#onOutput?.();
  }
}
