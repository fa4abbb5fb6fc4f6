/**
 * The client's side of a session. It sends `hello` first and opens channels without waiting for `welcome`.
 *
 *     request() -> #queued, while maxChannels are open -> open frame -> ClientChannel -> result | error
 */
import { queueMicrotask } from '../clock.js';
import type { Codec } from '../codecs/codec.js';
import { LinkedMap } from '../collections/linked-map.js';
import { protocolError, TransferError, withOutcome } from '../errors.js';
import type { Frame, FrameOf } from '../protocol/frames.js';
import {
  INITIAL_MAX_CHANNELS,
  INITIAL_WINDOW_BYTES,
  MAX_GROWTH_BYTES,
  MAX_WAITING_PONGS,
  MIN_FRAME_BYTES,
  PROTOCOL_VERSION,
} from '../protocol/limits.js';
import type { Channel } from './channel/channel.js';
import { ClientChannel, type ClientChannelListener } from './channel/client-channel.js';
import { receivedError } from './channel/received-error.js';
import { MinRtt } from './flow-control/min-rtt.js';
import { WindowBudget } from './flow-control/window-budget.js';
import { Session } from './session.js';
import { withoutPathCode } from './transport/connection-error.js';
import type { SessionListener, SessionSettings } from './settings.js';

/** The fields of `open` that the request decides. The session sets the others. */
export type RequestFields = Omit<FrameOf<'open'>, 'type' | 'id' | 'window'>;

export class ClientSession extends Session<ClientChannel> {
  /** Channels that are not open yet, in order of their ids, with the frames to send when they are. */
  readonly #queued = new LinkedMap<number, { channel: ClientChannel; frames: Frame[] }>();
  #maxChannels = INITIAL_MAX_CHANNELS;
  readonly #cancelled = new Map<number, ClientChannel>();
  readonly #minRtt = new MinRtt();
  readonly #windowBudget = new WindowBudget(MAX_GROWTH_BYTES);

  constructor(codec: Codec, settings: SessionSettings, listener: SessionListener) {
    super(settings, listener);
    this.useCodec(codec);
    const { agent, maxFrameBytes: maxFrame, keepAliveTimeoutMs: keepAliveTimeout, credentials } = settings;
    this.headerChecks.enabled = codec.hasHeaderChecksum !== true;
    this.sendFrame({
      type: 'hello',
      version: PROTOCOL_VERSION,
      agent,
      maxFrame,
      keepAliveTimeout,
      ...credentials,
    });
  }

  /** Opens a channel, or queues it while the server's limit of channels is reached. `wants` says if a body is received. */
  request(fields: RequestFields, wants: 'body' | 'nothing', listener: ClientChannelListener): ClientChannel {
    const id = this.lastId === 0 ? 1 : this.lastId + 2;
    this.lastId = id;
    const { windowBytes, maxWindowBytes = windowBytes } = this.settings;
    const window = wants === 'body' ? windowBytes : undefined;
    // The server decides at which offset a resumed body starts, so nothing is sent before `accept`.
    const send = fields.offset === undefined ? INITIAL_WINDOW_BYTES : 0;
    const windows = { send, receive: window ?? 0, minRtt: this.#minRtt };
    const grows = wants === 'body' && maxWindowBytes > windowBytes;
    const growth = grows ? { reservation: this.#windowBudget.reserve(), maxWindowBytes } : undefined;
    const channel = new ClientChannel(this, id, { listener, growth, ...windows });
    if (!this.accepting) {
      queueMicrotask(() => channel.destroy(closingError()));
      return channel;
    }
    const open: Frame = { type: 'open', id, ...fields, window };
    // Until the first output is read, a request can be withdrawn without a trace.
    if (this.hasSent && this.channels.size < this.#maxChannels && this.#queued.size === 0) {
      this.channels.set(channel.id, channel);
      this.sendFrame(open);
    } else {
      channel.queued = true;
      this.#queued.set(id, { channel, frames: [open] });
    }
    return channel;
  }

  override read(enoughBytes: number, maxFrameBytes?: number): Uint8Array[] {
    if (!this.hasSent) {
      this.hasSent = true;
      this.#openQueued();
    }
    return super.read(enoughBytes, maxFrameBytes);
  }

  /** The channel that was cancelled first and that the server has not ended yet. */
  get oldestCancelled(): ClientChannel | undefined {
    const [oldest] = this.#cancelled.values();
    return oldest;
  }

  /** Only pongs count, not requests: if both ends stopped reading while their output waits, neither could continue. */
  override get congested(): boolean {
    return this.outbound.pongs > MAX_WAITING_PONGS;
  }

  override sendFrame(frame: Frame): void {
    const id = 'id' in frame ? frame.id : undefined;
    const queued = id === undefined ? undefined : this.#queued.get(id);
    if (queued && frame.type === 'cancel') {
      // The server has not received the request.
      this.#queued.delete(queued.channel.id);
      queued.channel.destroy(new TransferError('ECANCELED'));
    } else if (queued) {
      queued.frames.push(frame);
    } else {
      const cancelled = frame.type === 'cancel' ? this.channels.get(frame.id) : undefined;
      if (cancelled) this.#cancelled.set(cancelled.id, cancelled);
      super.sendFrame(frame);
    }
  }

  override schedule(channel: Channel): void {
    if (!this.#queued.has(channel.id)) super.schedule(channel);
  }

  override removeChannel(channel: Channel): void {
    super.removeChannel(channel);
    this.#cancelled.delete(channel.id);
    this.#openQueued();
  }

  override error(error: TransferError): void {
    super.error(this.phase === 'handshake' ? this.#unreadableHandshake(error) : error);
  }

  protected override handle(frame: Frame): boolean {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        return true;
      case 'goaway':
        if (this.phase === 'handshake') return false;
        this.#goaway(frame.lastId);
        return true;
      case 'accept':
      case 'result':
        return this.#toChannel(frame.id, frame);
      case 'error':
        return frame.id === undefined ? this.#connectionError(frame) : this.#toChannel(frame.id, frame);
      default:
        return false;
    }
  }

  protected override checkGone(id: number): void {
    throw protocolError(`The server sent a frame for channel ${id}, which is not open.`);
  }

  protected override onInputEnd(): void {
    if (this.phase === 'handshake' || this.channels.size > 0 || !this.idle) {
      const when = this.phase === 'handshake' ? ' before it sent welcome' : '';
      this.disconnect(new TransferError('ECONNRESET', `The server closed the connection${when}.`));
    }
  }

  protected override destroyAll(error: TransferError): void {
    // Queued channels first: otherwise they would be opened in the place of those that are destroyed.
    this.#destroyQueued(error);
    super.destroyAll(this.hasSent ? withOutcome(error, true) : error);
  }

  protected override get idle(): boolean {
    return this.#queued.size === 0 && !this.pings.hasPending;
  }

  #welcome(frame: FrameOf<'welcome'>): void {
    if (this.phase !== 'handshake') throw protocolError('The server sent welcome twice.');
    if (frame.version < 1 || frame.version > PROTOCOL_VERSION) {
      const reason = `The server uses protocol version ${frame.version}; this client supports ${PROTOCOL_VERSION}.`;
      throw new TransferError('EPROTONOSUPPORT', reason);
    }
    if (frame.maxFrame < MIN_FRAME_BYTES || frame.maxChannels < INITIAL_MAX_CHANNELS) {
      throw protocolError(
        `The limits in welcome are too low: maxFrame is ${frame.maxFrame} (at least ${MIN_FRAME_BYTES}), maxChannels is ${frame.maxChannels} (at least ${INITIAL_MAX_CHANNELS}).`,
      );
    }
    this.#maxChannels = frame.maxChannels;
    this.headerChecks.required = frame.check !== undefined;
    this.keepAlive.peerTimeoutMs = frame.keepAliveTimeout;
    this.open({ agent: frame.agent, maxFrameBytes: Math.min(frame.maxFrame, this.settings.maxFrameBytes) });
    this.#openQueued();
  }

  /** Requests that the server has not started fail and can be sent on another connection. The others continue. */
  #goaway(lastId: number): void {
    this.draining = true;
    this.#destroyQueued(closingError());
    for (const channel of this.channels.values()) {
      if (channel.id > lastId) channel.destroy(closingError());
    }
    this.endWhenIdle();
  }

  #connectionError(frame: FrameOf<'error'>): boolean {
    this.disconnect(withoutPathCode(receivedError({ ...frame, path: undefined }), 'EIO'));
    return true;
  }

  #toChannel(id: number, frame: FrameOf<'accept' | 'result' | 'error'>): boolean {
    if (this.phase === 'handshake') return false;
    const channel = this.channels.get(id);
    if (!channel) this.checkGone(id);
    channel?.handle(frame);
    return true;
  }

  #openQueued(): void {
    if (this.phase === 'ended') return;
    while (this.channels.size < this.#maxChannels) {
      const next = this.#queued.shift();
      if (!next) return;
      const { channel, frames } = next;
      channel.queued = false;
      this.channels.set(channel.id, channel);
      for (const frame of frames) super.sendFrame(frame);
      if (channel.canSend) this.schedule(channel);
    }
  }

  #destroyQueued(error: TransferError): void {
    const queued = this.#queued.values();
    for (const { channel } of queued) this.#queued.delete(channel.id);
    for (const { channel } of queued) channel.destroy(error);
  }

  /** The first bytes of the server are not of this codec: most likely it is not the expected server. */
  #unreadableHandshake(error: TransferError): TransferError {
    const reason = `The server does not accept the codec ${this.codec?.name ?? ''}, or is not a socket-ftp server`;
    return new TransferError(error.code, `${reason}: ${error.reason}`, { cause: error });
  }
}

function closingError(): TransferError {
  return new TransferError('ESHUTDOWN', 'The connection is closing; the request was not started.');
}
