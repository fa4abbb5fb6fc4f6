/**
 * The client's side of a session. It sends `hello` first and opens channels without waiting for `welcome`.
 *
 *     request() -> #queues, until there is a place -> open frame -> ClientChannel -> result | error
 */
import { queueMicrotask } from '../clock.js';
import type { Codec } from '../codecs/codec.js';
import { LinkedMap } from '../collections/linked-map.js';
import { protocolError, TransferError, withOutcome } from '../errors.js';
import { bodyOperations } from '../protocol/body-operations.js';
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
import { goawayError, notStarted } from './goaway.js';
import { Session } from './session.js';
import { withoutPathCode } from './transport/connection-error.js';
import type { SessionListener, SessionSettings } from './settings.js';

/** The fields of `open` that the request decides. The session sets the others. */
export type RequestFields = Omit<FrameOf<'open'>, 'type' | 'id' | 'window'>;

/** Bytes that a reader may have to be sent again. Enough for a stream's buffer, so that each turn brings as much. */
const CROWDED_WINDOW_BYTES = 256 * 1024;

/** A channel that is not open yet, with the frames to send when it is. */
interface Queued {
  readonly channel: ClientChannel;
  readonly frames: Frame[];
}

export class ClientSession extends Session<ClientChannel> {
  /** With ids that count down from -1: the id of a channel is chosen when it is opened. */
  readonly #queues = { body: new LinkedMap<number, Queued>(), nothing: new LinkedMap<number, Queued>() };
  #requests = 0;
  readonly #listener: SessionListener;
  #maxChannels = INITIAL_MAX_CHANNELS;
  /** Whether the server has sent an error instead of `welcome`: it has begun no request. */
  #isRefused = false;
  readonly #cancelled = new Map<number, ClientChannel>();
  readonly #minRtt = new MinRtt();
  readonly #windowBudget = new WindowBudget(MAX_GROWTH_BYTES);

  constructor(codec: Codec, settings: SessionSettings, listener: SessionListener) {
    super(settings, listener);
    this.#listener = listener;
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
    const id = -(this.#requests += 1);
    const { maxWindowBytes = this.settings.windowBytes } = this.settings;
    const isCrowded = this.#queues.body.size > 0;
    // A reader may have to give its place to others soon, and what it has not read by then is sent again.
    const windowBytes = Math.min(this.settings.windowBytes, isCrowded ? CROWDED_WINDOW_BYTES : Infinity);
    const window = wants === 'body' ? windowBytes : undefined;
    // The server decides at which offset a resumed body starts, so nothing is sent before `accept`.
    const send = fields.offset === undefined ? INITIAL_WINDOW_BYTES : 0;
    const hasBody = bodyOperations.has(fields.op);
    const windows = { send, receive: window ?? 0, minRtt: this.#minRtt, hasBody };
    const grows = wants === 'body' && !isCrowded && maxWindowBytes > windowBytes;
    const growth = grows ? { reservation: this.#windowBudget.reserve(), maxWindowBytes } : undefined;
    const channel = new ClientChannel(this, id, { listener, growth, ...windows });
    if (!this.accepting) {
      queueMicrotask(() => channel.destroy(notStarted()));
      return channel;
    }
    const queued = { channel, frames: [{ type: 'open', id, ...fields, window }] satisfies Frame[] };
    const queue = this.#queueOf(channel);
    // Until the first output is read, a request can be withdrawn without a trace.
    if (this.hasSent && queue.size === 0 && this.hasPlace(hasBody, this.#maxChannels)) {
      this.#open(queued);
    } else {
      channel.queued = true;
      queue.set(id, queued);
      if (this.isCrowded) this.#listener.onCrowded?.();
    }
    return channel;
  }

  /** Whether requests with a body wait for a place. */
  get isCrowded(): boolean {
    // A closing client cannot open another channel for a reader that continues.
    return this.phase === 'open' && !this.draining && this.#queues.body.size > 0;
  }

  /** Takes at most `max` places from channels whose reader has taken nothing since the last call. Returns their number. */
  makeRoom(max: number): number {
    const channels = [...this.channels.values()];
    // Places that were given up before, and that the server has not released yet.
    const expected = channels.filter(
      ({ clientState, wantsBody }) => wantsBody && clientState === 'cancelled',
    );
    const wanted = Math.min(max, this.#queues.body.size - expected.length);
    let given = 0;
    for (const channel of channels) if (given < wanted && channel.giveUpPlace()) given += 1;
    return given;
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
    const queued = id === undefined || id > 0 ? undefined : this.#findQueued(id);
    if (queued && frame.type === 'cancel') {
      // The server has not received the request.
      this.#queueOf(queued.channel).delete(queued.channel.id);
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
    if (channel.id > 0) super.schedule(channel);
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
        this.#goaway(frame);
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
    super.destroyAll(this.hasSent && !this.#isRefused ? withOutcome(error, true) : error);
  }

  protected override get idle(): boolean {
    return this.#queues.body.size === 0 && this.#queues.nothing.size === 0 && !this.pings.hasPending;
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
  #goaway(frame: FrameOf<'goaway'>): void {
    const error = goawayError(frame);
    this.draining = true;
    this.#listener.onGoaway?.(error);
    this.#destroyQueued(error);
    for (const channel of this.channels.values()) if (channel.id > frame.lastId) channel.destroy(error);
    this.endWhenIdle();
  }

  #connectionError(frame: FrameOf<'error'>): boolean {
    this.#isRefused = this.phase === 'handshake';
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

  #queueOf({ hasBody }: ClientChannel): LinkedMap<number, Queued> {
    return hasBody ? this.#queues.body : this.#queues.nothing;
  }

  #findQueued(id: number): Queued | undefined {
    return this.#queues.body.get(id) ?? this.#queues.nothing.get(id);
  }

  #openQueued(): void {
    if (this.phase === 'ended') return;
    for (let next = this.#takeQueued(); next; next = this.#takeQueued()) this.#open(next);
    if (this.isCrowded) this.#listener.onCrowded?.();
  }

  /** The queued channel that came first of those that have a place now. */
  #takeQueued(): Queued | undefined {
    const { body, nothing } = this.#queues;
    const first = this.hasPlace(true, this.#maxChannels) ? body.first : undefined;
    const other = this.hasPlace(false, this.#maxChannels) ? nothing.first : undefined;
    const isBody = first && (!other || first.channel.id > other.channel.id);
    return isBody ? body.shift() : other && nothing.shift();
  }

  #open({ channel, frames }: Queued): void {
    const id = this.lastId === 0 ? 1 : this.lastId + 2;
    this.lastId = channel.id = id;
    channel.queued = false;
    this.addChannel(channel);
    for (const frame of frames) {
      if ('id' in frame) frame.id = id;
      super.sendFrame(frame);
    }
    if (channel.canSend) this.schedule(channel);
  }

  #destroyQueued(error: TransferError): void {
    const { body, nothing } = this.#queues;
    const queued = [...body.values(), ...nothing.values()];
    for (const { channel } of queued) this.#queueOf(channel).delete(channel.id);
    for (const { channel } of queued) channel.destroy(error);
  }

  /** The first bytes of the server are not of this codec: most likely it is not the expected server. */
  #unreadableHandshake(error: TransferError): TransferError {
    const reason = `The server does not accept the codec ${this.codec?.name ?? ''}, or is not a socket-ftp server`;
    return new TransferError(error.code, `${reason}: ${error.reason}`, { cause: error });
  }
}
