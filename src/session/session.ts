/**
 * A session: one connection's conversation, without the connection. Bytes come in by `receive`, bytes go out by
 * `take`; in between, frames are routed to channels. It knows no socket, no clock and no file, so that it runs
 * over anything that carries bytes, and in tests over nothing at all.
 *
 *     receive(chunk) -> Decoder -> frame()/payload() -> channel -> its listener
 *     take()         <- Outbound <- control frames and the channels' turns
 *
 * Errors by blast radius: what concerns one channel ends the channel; what breaks the protocol ends the session, with
 * one error frame as its last word. Nothing is thrown at the transport.
 */
import type { Codec, Decoder, FrameSink } from '../codecs/codec.js';
import { protocolError, TransferError } from '../errors.js';
import type { Frame, FrameOf, FrameType, UnknownFrame } from '../protocol/frames.js';
import type { Channel, ChannelHost } from './channel/channel.js';
import { HeaderChecks } from './header-checks.js';
import { LinkedMap } from '../collections/linked-map.js';
import { Outbound } from './outbound.js';
import { Pings } from './keep-alive/pings.js';
import { errorFrame } from './channel/server-channel.js';
import { KeepAliveNegotiation } from './keep-alive/keep-alive-negotiation.js';
import { earlyLimits, type SessionListener, type SessionSettings } from './settings.js';

type Phase = 'greeting' | 'open' | 'ended';

export abstract class Session<AnyChannel extends Channel> implements FrameSink, ChannelHost {
  protected readonly settings: SessionSettings;
  protected readonly channels = new LinkedMap<number, AnyChannel>();
  protected readonly outbound: Outbound;
  protected phase: Phase = 'greeting';
  /** Whether nothing new is opened: the session ends with the last of its channels. */
  protected draining = false;
  protected readonly checks = new HeaderChecks();
  /** After how much silence each end gives the other one up. */
  readonly silence: KeepAliveNegotiation;
  /** A number that rises with everything that is understood of what comes. */
  activityCount = 0;
  /** Whether the peer may have heard anything. */
  protected hasSent = false;
  /** The highest id that has been opened. */
  protected lastId = 0;
  readonly #listener: SessionListener;
  readonly #limits: { maxHeaderBytes: number; maxFrameBytes: number };
  protected readonly pings: Pings;
  #decoder: Decoder | undefined;
  #codec: Codec | undefined;
  #payloadChannel: Channel | undefined;
  #inputEnded = false;
  #failed = false;
  #transport: (() => void) | undefined;

  constructor(settings: SessionSettings, listener: SessionListener) {
    this.settings = settings;
    this.silence = new KeepAliveNegotiation(settings.keepAliveTimeoutMs);
    this.#listener = listener;
    this.#limits = earlyLimits(settings);
    this.outbound = new Outbound(() => this.#transport?.());
    this.pings = new Pings((token) => this.sendFrame({ type: 'ping', token }));
  }

  // For the transport

  /** Called whenever there is something to take, or the last of it has been said. */
  set transport(hasOutput: () => void) {
    this.#transport = hasOutput;
    hasOutput();
  }

  /** Takes bytes that came from the peer, and may be changed again after the call. */
  receive(chunk: Buffer): void {
    if (this.phase === 'ended') return;
    if (this.#decoder) this.#decoder.write(chunk);
    else this.receiveFirst(chunk);
  }

  /** The peer has said its last word, though it may still listen. */
  receiveEnd(): void {
    if (this.phase === 'ended' || this.#inputEnded) return;
    this.#inputEnded = true;
    this.inputEnded();
    this.endWhenIdle();
  }

  /** The transport is gone. After the end nobody is told, so no error is made. */
  disconnect(error?: TransferError): void {
    if (this.phase !== 'ended') this.#end(error ?? new TransferError('ECONNRESET'));
    this.outbound.removeChannel();
  }

  /** Takes what is to be sent next; empty if nothing waits. Of 0 bytes: what carries no body. */
  read(enoughBytes: number, maxFrameBytes = Infinity): Uint8Array[] {
    this.hasSent = true;
    return this.outbound.take(enoughBytes, Math.min(maxFrameBytes, this.#limits.maxFrameBytes));
  }

  /** Whether the session has ended, though its last words may still wait to be taken. */
  get ended(): boolean {
    return this.phase === 'ended';
  }

  /** Whether it has ended by an error, of which the peer has been told if it was not the peer's. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether the last word has been said: after what waits, nothing follows. */
  get finished(): boolean {
    return this.phase === 'ended' && this.outbound.empty;
  }

  /** Whether the peer should not be read for a while: it does not take the answers to what it asks. */
  abstract get congested(): boolean;

  // For the owner

  /** The codec, once it is known. */
  get codec(): Codec | undefined {
    return this.#codec;
  }

  /** Whether new channels may be opened. */
  get accepting(): boolean {
    return this.phase !== 'ended' && !this.draining;
  }

  /** The round trip to the peer, in milliseconds; rejects when the connection is lost. */
  ping(): Promise<number> {
    if (this.phase === 'ended') return Promise.reject(new TransferError('ECONNRESET'));
    return this.pings.send();
  }

  /** Opens nothing new, lets what runs end, and then ends. */
  drain(): void {
    if (!this.accepting) return;
    this.draining = true;
    this.endWhenIdle();
  }

  /** Ends at once, with an error as the last word to the peer. */
  fail(error: TransferError): void {
    if (this.phase === 'ended') return;
    this.outbound.removeChannel();
    if (this.#codec) this.sendFrame(errorFrame(error));
    else this.sayBeforeCodec(error);
    this.#end(error);
  }

  // FrameSink

  frame(frame: Frame | UnknownFrame): void {
    this.activityCount += 1;
    if (this.phase === 'ended') return;
    this.#guard(() => this.#route(frame));
  }

  payload(piece: Uint8Array): void {
    this.activityCount += 1;
    if (this.phase === 'ended') return;
    const channel = this.#payloadChannel;
    if (!channel) return;
    // Pieces are views of what `receive` took, which are Buffers.
    this.#guard(() => channel.receive(piece as Buffer));
  }

  error(error: TransferError): void {
    this.fail(this.checks.unreadable(error));
  }

  // ChannelHost

  sendFrame(frame: Frame): void {
    if (this.phase !== 'ended') this.outbound.frame(this.checks.outgoing(frame));
  }

  schedule(channel: Channel): void {
    this.outbound.schedule(channel);
  }

  removeChannel(channel: Channel): void {
    this.channels.delete(channel.id);
    this.endWhenIdle();
  }

  // For client and server

  /** Takes a frame that only this side gets; false for one that it must not get. */
  protected abstract handle(frame: Frame): boolean;
  /** What to do with a data frame of a channel that is not there; throws if it never was. */
  protected abstract checkGone(id: number): void;
  /** The peer has said its last word. */
  protected abstract inputEnded(): void;

  /** Takes bytes that come before the codec is known. */
  protected receiveFirst(_chunk: Buffer): void {
    // A client knows its codec from the start.
  }

  protected sayBeforeCodec(_error: TransferError): void {
    // A client always has a codec.
  }

  protected useCodec(codec: Codec): Decoder {
    this.#codec = codec;
    this.outbound.codec = codec;
    this.#decoder = codec.decoder(this, this.#limits);
    return this.#decoder;
  }

  /** The handshake is over: the limits rise to what was agreed. */
  protected open(agreed: { agent: string | undefined; maxFrameBytes: number }): void {
    this.phase = 'open';
    this.checks.verified = this.checks.required || this.#codec?.hasHeaderChecksum === true;
    this.#limits.maxHeaderBytes = this.settings.maxHeaderBytes;
    this.#limits.maxFrameBytes = agreed.maxFrameBytes;
    this.#listener.opened?.(agreed.agent);
    this.endWhenIdle();
  }

  protected endWhenIdle(): void {
    const over = this.draining || this.#inputEnded;
    if (over && this.phase !== 'ended' && this.channels.size === 0 && this.idle) this.#end(undefined);
  }

  /** Whether nothing but channels is under way. */
  protected get idle(): boolean {
    return true;
  }

  /** Tells all who wait for something that it will not come. */
  protected abandonAll(error: TransferError): void {
    for (const channel of this.channels.values()) channel.abandon(error);
    this.pings.rejectAll(error);
  }

  #route(frame: Frame | UnknownFrame): void {
    this.#payloadChannel = undefined;
    this.checks.incoming(frame);
    switch (frame.type) {
      case 'data':
        return this.#data(frame);
      case 'ack':
        return this.#channelOf(frame)?.acknowledge(frame.offset, frame.window);
      case 'ping':
        return this.sendFrame({ type: 'pong', token: frame.token });
      case 'pong':
        this.pings.receive(frame.token);
        return this.endWhenIdle();
      case 'unknown':
        this.#requireOpen('unknown');
        if (frame.id !== undefined) this.refuseUnknown(frame.id);
        return;
      default:
        if (!this.handle(frame)) throw protocolError(`A frame of type ${frame.type} is not expected here.`);
    }
  }

  #data(frame: FrameOf<'data'>): void {
    const channel = this.#channelOf(frame);
    channel?.receiveHeader(frame.length);
    this.#payloadChannel = channel;
  }

  #channelOf(frame: FrameOf<'data' | 'ack'>): AnyChannel | undefined {
    this.#requireOpen(frame.type);
    const channel = this.channels.get(frame.id);
    if (!channel) this.checkGone(frame.id);
    return channel;
  }

  /** Answers a frame of a type that a newer peer knows. */
  protected refuseUnknown(_id: number): void {
    // A server gets no answers from its client.
  }

  #requireOpen(type: FrameType | 'unknown'): void {
    if (this.phase === 'greeting') throw protocolError(`A frame of type ${type} comes before the handshake.`);
  }

  /** Ends the session where a handler finds the protocol broken; a bug of anybody's ends it, too, and goes on up. */
  #guard(handler: () => void): void {
    try {
      handler();
    } catch (thrown) {
      const ours = thrown instanceof TransferError;
      this.fail(ours ? thrown : new TransferError('EIO', 'Internal error.', { cause: thrown }));
      if (!ours) throw thrown;
    }
  }

  #end(error: TransferError | undefined): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.#failed = error !== undefined;
    if (this.channels.size > 0 || !this.idle || this.pings.waiting) {
      this.abandonAll(error ?? new TransferError('ECONNRESET'));
    }
    this.#listener.ended?.(error);
    this.#transport?.();
  }
}
