/**
 * The client's side of a session. It sends `hello` first and opens channels without waiting for `welcome`.
 *
 *     request() -> #queue, until there is a place -> open frame -> ClientChannel -> result | error
 */
import { queueMicrotask } from '../clock.js';
import type { Codec } from '../codecs/codec.js';
import { protocolError, TransferError, withOutcome } from '../errors.js';
import { bodyOperations, duplexOperations } from '../protocol/body-operations.js';
import type { Frame, FrameOf } from '../protocol/frames.js';
import type { Feature } from '../protocol/handshake/features.js';
import {
  INITIAL_MAX_CHANNELS,
  INITIAL_WINDOW_BYTES,
  MAX_GROWTH_BYTES,
  MAX_WAITING_PONGS,
  PATH_WINDOW_BYTES,
  PROTOCOL_VERSION,
} from '../protocol/limits.js';
import type { Channel } from './channel/channel.js';
import { ClientChannel, type ClientChannelListener } from './channel/client-channel.js';
import { assertErrorCode, receivedError } from './channel/received-error.js';
import { firstWindow, type WantedBody } from './channel/wanted-body.js';
import { MinRtt } from './flow-control/min-rtt.js';
import { WindowBudget } from './flow-control/window-budget.js';
import { goawayError, notStarted } from './goaway.js';
import { handshakeFrames } from './handshake-frames.js';
import { RequestQueue, type QueuedRequest, type WelcomeWaiter } from './request-queue.js';
import { Session } from './session.js';
import { withoutPathCode } from './transport/connection-error.js';
import type { SessionListener, SessionSettings } from './settings.js';
import { featuresOfWelcome } from './features-of-welcome.js';

/** The fields of `open` that the request decides. The session sets the others. */
export type RequestFields = Omit<FrameOf<'open'>, 'type' | 'id' | 'window'>;

export class ClientSession extends Session<ClientChannel> {
  protected override readonly handshakeFrames = handshakeFrames.server;
  readonly #queue = new RequestQueue();
  #requests = 0;
  readonly #listener: SessionListener;
  /** Whether the requests that have waited for `welcome` get their channels now. */
  #isWelcoming = false;
  #maxChannels = INITIAL_MAX_CHANNELS;
  /** The highest channel that the server has promised to serve. */
  #servedId = Infinity;
  /** The features that the server has named, and the id of the session that `welcome` has given. */
  features: ReadonlySet<Feature> = new Set();
  sessionId: string | undefined;
  /** Whether the server has sent an error instead of `welcome`: it has begun no request. */
  #isRefused = false;
  readonly #cancelled = new Map<number, ClientChannel>();
  readonly #minRtt = new MinRtt();
  readonly windowBudget = new WindowBudget(MAX_GROWTH_BYTES);

  constructor(codec: Codec, settings: SessionSettings, listener: SessionListener) {
    super(settings, listener);
    this.#listener = listener;
    this.useCodec(codec);
    const { agent, maxFrameBytes: maxFrame, keepAliveTimeoutMs: keepAliveTimeout } = settings;
    this.headerChecks.enabled = codec.hasHeaderChecksum !== true;
    this.sendFrame({
      type: 'hello',
      version: PROTOCOL_VERSION,
      agent,
      maxFrame,
      keepAliveTimeout,
      ...settings.credentials,
      ...settings.requested,
    });
  }

  /** Whether the server has sent `welcome`, and the session has not ended. */
  get isOpen(): boolean {
    return this.phase === 'open';
  }

  /** Calls the waiter when the server has sent `welcome`. Then it may open a channel, even if the client closes. */
  awaitWelcome(waiter: WelcomeWaiter): void {
    this.#queue.wait(waiter);
  }

  stopWaiting(waiter: WelcomeWaiter): void {
    this.#queue.stopWaiting(waiter);
    this.endWhenIdle();
  }

  /** Opens a channel, or queues it while the server's limit of channels is reached. `wants` says if a body is received. */
  request(fields: RequestFields, wants: WantedBody, listener: ClientChannelListener): ClientChannel {
    const id = -(this.#requests += 1);
    const isCrowded = this.#queue.bodies > 0;
    const { windowBytes, maxWindowBytes = windowBytes } = this.settings;
    let window = firstWindow(wants, { windowBytes, isCrowded });
    // Only `accept` tells at which offset a resumed body starts, and whether a stream method runs.
    const send = fields.offset === undefined && !duplexOperations.has(fields.op) ? INITIAL_WINDOW_BYTES : 0;
    const hasBody = bodyOperations.has(fields.op);
    const takesOffsets = fields.op === 'download' && fields.follow !== true;
    const grows = wants === 'body' && !isCrowded && maxWindowBytes > windowBytes;
    const growth = grows ? { reservation: this.windowBudget.reserve(), maxWindowBytes } : undefined;
    if (window !== undefined && growth && takesOffsets && this.path?.isUsable === true)
      window += growth.reservation.grow(PATH_WINDOW_BYTES);
    const windows = { send, receive: window ?? 0, minRtt: this.#minRtt, hasBody, takesOffsets };
    const channel = new ClientChannel(this, id, { listener, growth, ...windows });
    if (!this.accepting && !this.#isWelcoming) {
      queueMicrotask(() => channel.destroy(notStarted()));
      return channel;
    }
    const queued: QueuedRequest = { channel, open: { type: 'open', id, ...fields, window }, frames: [] };
    // Until the first output is read, a request can be withdrawn without a trace.
    if (this.hasSent && !this.#queue.hasAny(hasBody) && this.hasPlace(hasBody, this.#maxChannels)) {
      this.#open(queued);
    } else {
      channel.queued = true;
      this.#queue.add(queued);
      if (this.isCrowded) this.#listener.onCrowded?.();
    }
    return channel;
  }

  /** Whether requests with a body wait for a place. A closing client cannot open another channel for them. */
  get isCrowded(): boolean {
    return this.isOpen && !this.draining && this.#queue.bodies > 0;
  }

  /** Takes at most `max` places from channels whose reader has taken nothing since the last call. Returns their number. */
  makeRoom(max: number): number {
    const channels = [...this.channels.values()];
    // Places that were given up before, and that the server has not released yet.
    const expected = channels.filter(
      ({ clientState, wantsBody }) => wantsBody && clientState === 'cancelled',
    );
    const wanted = Math.min(max, this.#queue.bodies - expected.length);
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
    const queued = id === undefined || id > 0 ? undefined : this.#queue.find(id);
    if (queued && frame.type === 'cancel') {
      // The server has not received the request.
      this.#queue.remove(queued.channel);
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
    const isForeign = this.phase === 'handshake' && error.code !== 'EBADMSG';
    super.error(isForeign ? this.#unreadableHandshake(error) : error);
  }

  protected override handle(frame: Frame): boolean {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        return true;
      case 'goaway':
        this.#goaway(frame);
        return true;
      case 'accept':
      case 'end':
      case 'result':
        this.channelOf(frame)?.handle(frame);
        return true;
      case 'error':
        if (frame.id === undefined) return this.#connectionError(frame);
        // A server that has not sent `welcome` has begun no request.
        if (this.phase === 'handshake') return false;
        this.channelOf({ id: frame.id })?.handle(frame);
        return true;
      default:
        return false;
    }
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
    return this.#queue.isEmpty && !this.#isWelcoming && this.pings?.hasPending !== true;
  }

  #welcome(frame: FrameOf<'welcome'>): void {
    if (this.phase !== 'handshake') throw protocolError('The server sent welcome twice.');
    this.features = featuresOfWelcome(frame);
    this.sessionId = frame.session;
    this.#maxChannels = frame.maxChannels;
    this.headerChecks.required = frame.check !== undefined;
    this.headerChecks.refused = this.headerChecks.enabled && !this.headerChecks.required;
    this.keepAlive.peerTimeoutMs = frame.keepAliveTimeout;
    this.open({ agent: frame.agent, maxFrameBytes: Math.min(frame.maxFrame, this.settings.maxFrameBytes) });
    this.#openQueued();
    this.#callWaiters();
  }

  #callWaiters(): void {
    this.#isWelcoming = true;
    for (let next = this.#queue.takeWaiter(); next; next = this.#queue.takeWaiter()) next.onWelcome();
    this.#isWelcoming = false;
    this.endWhenIdle();
  }

  /** Requests that the server has not started fail and can be sent on another connection. The others continue. */
  #goaway(frame: FrameOf<'goaway'>): void {
    if (frame.lastId > this.#servedId)
      throw protocolError(`A goaway with lastId ${frame.lastId} follows one with ${this.#servedId}.`);
    const error = goawayError(frame);
    this.#servedId = frame.lastId;
    this.draining = true;
    this.#listener.onGoaway?.(error);
    this.#destroyQueued(error);
    for (const channel of this.channels.values()) if (channel.id > frame.lastId) channel.destroy(error);
    this.endWhenIdle();
  }

  #connectionError(frame: FrameOf<'error'>): boolean {
    assertErrorCode(frame.code);
    this.#isRefused = this.phase === 'handshake';
    this.disconnect(withoutPathCode(receivedError({ ...frame, path: undefined }), 'EIO'));
    return true;
  }

  #openQueued(): void {
    if (this.phase === 'ended') return;
    const hasPlace = (hasBody: boolean): boolean => this.hasPlace(hasBody, this.#maxChannels);
    for (let next = this.#queue.take(hasPlace); next; next = this.#queue.take(hasPlace)) this.#open(next);
    if (this.isCrowded) this.#listener.onCrowded?.();
  }

  #open({ channel, open, frames }: QueuedRequest): void {
    const id = this.lastId === 0 ? 1 : this.lastId + 2;
    this.lastId = channel.id = open.id = id;
    channel.queued = false;
    this.addChannel(channel);
    channel.complete(open);
    super.sendFrame(open);
    for (const frame of frames) {
      if ('id' in frame) frame.id = id;
      super.sendFrame(frame);
    }
    if (channel.canSend) this.schedule(channel);
  }

  #destroyQueued(error: TransferError): void {
    for (const { channel } of this.#queue.takeAll()) channel.destroy(error);
    for (let next = this.#queue.takeWaiter(); next; next = this.#queue.takeWaiter()) next.onLost(error);
  }

  /** The first bytes of the server are not of this codec: most likely it is not the expected server. */
  #unreadableHandshake(error: TransferError): TransferError {
    const reason = `The server does not accept the codec ${this.codec?.name ?? ''}, or is not a socket-ftp server`;
    return new TransferError(error.code, `${reason}: ${error.reason}`, { cause: error });
  }
}
