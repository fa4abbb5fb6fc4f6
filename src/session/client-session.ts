/** The client's side of a session: it greets at once, and opens channels without waiting for the answer. */
import type { Codec } from '../codecs/codec.js';
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
import { WindowBudget } from './flow-control/window-budget.js';
import { LinkedMap } from '../collections/linked-map.js';
import { MinRtt } from './flow-control/min-rtt.js';
import { Session } from './session.js';
import type { SessionListener, SessionSettings } from './settings.js';

/** What a request asks for: the fields of `open` but those that the session fills in. */
export type RequestFields = Omit<FrameOf<'open'>, 'type' | 'id' | 'window'>;

export class ClientSession extends Session<ClientChannel> {
  /** Channels whose turn to be opened has not come, with the frames that wait for that, in order of their ids. */
  readonly #waiting = new LinkedMap<number, { channel: ClientChannel; frames: Frame[] }>();
  #maxChannels = INITIAL_MAX_CHANNELS;
  readonly #cancelled = new Map<number, ClientChannel>();
  readonly #roundTrip = new MinRtt();
  readonly #growth = new WindowBudget(MAX_GROWTH_BYTES);

  constructor(codec: Codec, settings: SessionSettings, listener: SessionListener) {
    super(settings, listener);
    this.useCodec(codec);
    const { agent, maxFrameBytes: maxFrame, keepAliveTimeoutMs: keepAliveTimeout, credentials } = settings;
    this.checks.enabled = codec.hasHeaderChecksum !== true;
    this.sendFrame({
      type: 'hello',
      version: PROTOCOL_VERSION,
      agent,
      maxFrame,
      keepAliveTimeout,
      ...credentials,
    });
  }

  /**
   * Opens a channel; beyond what the server serves at once, it waits here. With `wants: 'nothing'` no body is taken.
   */
  request(fields: RequestFields, wants: 'body' | 'nothing', listener: ClientChannelListener): ClientChannel {
    const id = this.lastId === 0 ? 1 : this.lastId + 2;
    this.lastId = id;
    const { windowBytes, maxWindowBytes = windowBytes } = this.settings;
    const window = wants === 'body' ? windowBytes : undefined;
    // The body of one that goes on begins where the server says.
    const send = fields.offset === undefined ? INITIAL_WINDOW_BYTES : 0;
    const windows = { send, receive: window ?? 0, minRtt: this.#roundTrip };
    const grows = wants === 'body' && maxWindowBytes > windowBytes;
    const growth = grows ? { share: this.#growth.share(), maxWindowBytes } : undefined;
    const channel = new ClientChannel(this, id, { listener, growth, ...windows });
    if (!this.accepting) {
      queueMicrotask(() => channel.abandon(closing()));
      return channel;
    }
    const open: Frame = { type: 'open', id, ...fields, window };
    // Before anything is said it can still be taken back as a whole.
    if (this.hasSent && this.channels.size < this.#maxChannels && this.#waiting.size === 0) {
      this.channels.set(channel.id, channel);
      this.sendFrame(open);
    } else {
      channel.queued = true;
      this.#waiting.set(id, { channel, frames: [open] });
    }
    return channel;
  }

  override read(enoughBytes: number, maxFrameBytes?: number): Uint8Array[] {
    if (!this.hasSent) {
      this.hasSent = true;
      this.#openWaiting();
    }
    return super.read(enoughBytes, maxFrameBytes);
  }

  /** Of the channels that are cancelled and not ended by the server, the one that has waited longest. */
  get oldestCancelled(): ClientChannel | undefined {
    const [longest] = this.#cancelled.values();
    return longest;
  }

  /** What a client asks does not count: if both ends stopped to read for what waits, neither would go on. */
  override get congested(): boolean {
    return this.outbound.pongs > MAX_WAITING_PONGS;
  }

  override sendFrame(frame: Frame): void {
    if (frame.type === 'cancel') this.#noteCancelled(frame.id);
    const waiting = 'id' in frame && frame.id !== undefined ? this.#waiting.get(frame.id) : undefined;
    if (!waiting) return super.sendFrame(frame);
    if (frame.type !== 'cancel') {
      waiting.frames.push(frame);
      return;
    }
    // The server has never heard of it.
    this.#waiting.delete(waiting.channel.id);
    waiting.channel.abandon(new TransferError('ECANCELED'));
  }

  override schedule(channel: Channel): void {
    if (!this.#waiting.has(channel.id)) super.schedule(channel);
  }

  #noteCancelled(id: number): void {
    const channel = this.channels.get(id);
    if (channel) this.#cancelled.set(id, channel);
  }

  override removeChannel(channel: Channel): void {
    super.removeChannel(channel);
    this.#cancelled.delete(channel.id);
    this.#openWaiting();
  }

  override error(error: TransferError): void {
    super.error(this.phase === 'greeting' ? noWelcome(this.codec?.name ?? '', error) : error);
  }

  protected override handle(frame: Frame): boolean {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        return true;
      case 'goaway':
        if (this.phase === 'greeting') return false;
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

  protected override checkGone(): void {
    throw protocolError('The server sends a frame for a channel that is not open.');
  }

  protected override inputEnded(): void {
    if (this.phase === 'greeting' || this.channels.size > 0 || !this.idle) {
      const when = this.phase === 'greeting' ? ' before it said welcome' : '';
      this.disconnect(new TransferError('ECONNRESET', `The server ended the connection${when}.`));
    }
  }

  protected override abandonAll(error: TransferError): void {
    // Those that wait come first, or the places that become free would be theirs.
    this.#abandonWaiting(error);
    super.abandonAll(this.hasSent ? withOutcome(error, true) : error);
  }

  protected override get idle(): boolean {
    return this.#waiting.size === 0 && !this.pings.waiting;
  }

  #welcome(frame: FrameOf<'welcome'>): void {
    if (this.phase !== 'greeting') throw protocolError('The server says welcome twice.');
    if (frame.version < 1 || frame.version > PROTOCOL_VERSION) {
      throw new TransferError(
        'EPROTONOSUPPORT',
        `The server speaks version ${frame.version} of the protocol.`,
      );
    }
    if (frame.maxFrame < MIN_FRAME_BYTES || frame.maxChannels < INITIAL_MAX_CHANNELS) {
      throw protocolError('The limits in welcome are below what every server grants.');
    }
    this.#maxChannels = frame.maxChannels;
    this.checks.required = frame.check !== undefined;
    this.silence.setPeerTimeout(frame.keepAliveTimeout);
    this.open({ agent: frame.agent, maxFrameBytes: Math.min(frame.maxFrame, this.settings.maxFrameBytes) });
    this.#openWaiting();
  }

  /** What the server has not begun may be asked for on another connection; what it has begun goes on. */
  #goaway(lastId: number): void {
    this.draining = true;
    this.#abandonWaiting(closing());
    for (const channel of this.channels.values()) {
      if (channel.id > lastId) channel.abandon(closing());
    }
    this.endWhenIdle();
  }

  #connectionError(frame: FrameOf<'error'>): boolean {
    this.disconnect(new TransferError(frame.code, frame.message, { retryable: frame.retryable }));
    return true;
  }

  #toChannel(id: number, frame: FrameOf<'accept' | 'result' | 'error'>): boolean {
    if (this.phase === 'greeting') return false;
    const channel = this.channels.get(id);
    if (!channel) this.checkGone();
    channel?.handle(frame);
    return true;
  }

  #openWaiting(): void {
    if (this.phase === 'ended') return;
    while (this.channels.size < this.#maxChannels) {
      const next = this.#waiting.shift();
      if (!next) return;
      const { channel, frames } = next;
      channel.queued = false;
      this.channels.set(channel.id, channel);
      for (const frame of frames) super.sendFrame(frame);
      if (channel.canSend) this.schedule(channel);
    }
  }

  #abandonWaiting(error: TransferError): void {
    const waiting = this.#waiting.values();
    for (const { channel } of waiting) this.#waiting.delete(channel.id);
    for (const { channel } of waiting) channel.abandon(error);
  }
}

/** The first bytes of the server cannot be read: most likely it is another one than was meant. */
function noWelcome(codec: string, error: TransferError): TransferError {
  const reason = `The server does not answer in the codec ${codec}: it takes others only, or is no socket-ftp server.`;
  return new TransferError(error.code, `${reason} (${error.reason})`, { cause: error });
}

function closing(): TransferError {
  return new TransferError('ESHUTDOWN', 'The connection is being closed; the request was not begun.');
}
