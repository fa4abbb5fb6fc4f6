/**
 * The server's side of a session. It answers `hello` and gives each opened channel to its listener.
 *
 *     first bytes -> ChooseCodec -> hello -> listener.onHello() -> welcome -> open -> listener.onRequest(channel)
 *                                            #pendingInput queues what arrives meanwhile
 */
import type { Codec } from '../codecs/codec.js';
import { protocolError, TransferError } from '../errors.js';
import { bodyOperations, hasClientBody } from '../protocol/body-operations.js';
import type { Frame, FrameOf, UnknownFrame } from '../protocol/frames.js';
import {
  MAX_CONTROL_BACKLOG_BYTES,
  MAX_PENDING_FRAMES,
  MIN_FRAME_BYTES,
  PROTOCOL_VERSION,
} from '../protocol/limits.js';
import { errorFrame, ServerChannel } from './channel/server-channel.js';
import { prefersPath } from './path/prefers-path.js';
import { assertErrorCode, receivedError } from './channel/received-error.js';
import { MinRtt } from './flow-control/min-rtt.js';
import { goawayFrame, serverClosing } from './goaway.js';
import { handshakeFrames } from './handshake-frames.js';
import { Session } from './session.js';
import type { SessionListener, SessionSettings } from './settings.js';

/** Detects the codec from the first bytes: `undefined` if more bytes are needed, `null` if none matches. */
export type ChooseCodec = (firstBytes: Uint8Array) => Codec | null | undefined;

export interface ServerSessionListener extends SessionListener {
  /** Throws, or rejects, to refuse the client. The session serves no request until the promise resolves. */
  onHello?(hello: FrameOf<'hello'>): Promise<void> | undefined;
  /** The client is admitted. Returns the optional parts of the protocol for `welcome`. */
  onWelcome?(hello: FrameOf<'hello'>): WelcomeExtras;
  onRequest(channel: ServerChannel, open: FrameOf<'open'>): void;
  /** The client has ended its side: it sends no request and no credit any more. */
  onInputEnd?(): void;
  /** The bytes to send to a peer whose codec was not detected. It may not be a client at all. */
  unknownCodecReply(error: TransferError): Uint8Array;
}

/** Fields of `welcome` that the listener decides. */
export type WelcomeExtras = Pick<FrameOf<'welcome'>, 'features' | 'session'>;

/** Frames, such as pings, that a server reads of a client whose login is being checked and that has sent no request. */
const MAX_FRAMES_WITHOUT_REQUEST = 16;

export class ServerSession extends Session<ServerChannel> {
  /** Number of requests so far. */
  requestCount = 0;
  protected override readonly handshakeFrames = handshakeFrames.client;
  readonly #listener: ServerSessionListener;
  readonly #chooseCodec: ChooseCodec;
  readonly #minRtt = new MinRtt();
  #firstBytes: Buffer | undefined;
  #goawayId: number | undefined;
  /** Frames and payload that arrived while a login is being checked. */
  #pendingInput: (Frame | UnknownFrame | Uint8Array)[] | undefined;
  #hasPendingRequest = false;

  constructor(chooseCodec: ChooseCodec, settings: SessionSettings, listener: ServerSessionListener) {
    super(settings, listener);
    this.#listener = listener;
    this.#chooseCodec = chooseCodec;
  }

  override get congested(): boolean {
    // The end of the input, or a reset, tells that a client without a request no longer needs its login.
    const pending = this.#hasPendingRequest ? Infinity : (this.#pendingInput?.length ?? 0);
    return (
      (pending > MAX_FRAMES_WITHOUT_REQUEST && !this.ended) ||
      this.outbound.controlBytes > MAX_CONTROL_BACKLOG_BYTES
    );
  }

  override frame(frame: Frame | UnknownFrame): void {
    if (this.#pendingInput) this.#queueInput(frame);
    else super.frame(frame);
  }

  override payload(piece: Uint8Array): void {
    // The memory of a piece is only valid during the call.
    if (this.#pendingInput) this.#queueInput(Buffer.from(piece));
    else super.payload(piece);
  }

  protected override receiveFirst(chunk: Buffer): void {
    const bytes = this.#firstBytes ? Buffer.concat([this.#firstBytes, chunk]) : chunk;
    const codec = this.#chooseCodec(bytes);
    this.#firstBytes = codec ? undefined : Buffer.from(bytes);
    if (codec) this.useCodec(codec).write(bytes);
    else if (codec === null) this.fail(protocolError('The first bytes match no codec of this server.'));
  }

  protected override sendBeforeCodec(error: TransferError): void {
    this.outbound.raw(this.#listener.unknownCodecReply(error));
  }

  protected override handle(frame: Frame): boolean {
    switch (frame.type) {
      case 'hello':
        return this.#hello(frame);
      case 'error':
        if (frame.id !== undefined) return false;
        assertErrorCode(frame.code);
        this.disconnect(receivedError({ ...frame, path: undefined }));
        return true;
      case 'open':
        this.#open(frame);
        return true;
      case 'confirm':
        this.handlePathFrame(frame);
        return true;
      case 'end':
      case 'cancel':
        this.channelOf(frame)?.handle(frame);
        return true;
      default:
        return false;
    }
  }

  protected override onInputEnd(): void {
    if (this.phase === 'handshake') {
      const waits = this.#pendingInput ? 'its login was checked' : 'it sent hello';
      const reason = `The client closed the connection before ${waits}.`;
      return this.disconnect(new TransferError('ECONNRESET', reason));
    }
    for (const channel of this.channels.values()) channel.onInputEnd();
    this.#listener.onInputEnd?.();
  }

  /** As for any session. `retryAfterMs` tells the client when it may return. */
  override drain(retryAfterMs?: number): void {
    if (this.accepting && this.phase === 'open') {
      this.#goawayId = this.lastId;
      this.sendFrame(goawayFrame(this.lastId, retryAfterMs));
    } else if (this.phase === 'handshake' && this.codec && retryAfterMs !== undefined) {
      this.fail(serverClosing(retryAfterMs));
    }
    super.drain();
  }

  protected override refuseUnknown(id: number): void {
    const channel = this.channelOf({ id });
    channel?.refuse(new TransferError('ENOTSUP', 'The server does not know this type of frame.'));
  }

  #hello(frame: FrameOf<'hello'>): boolean {
    if (this.phase !== 'handshake') return false;
    if (frame.version < 1)
      throw new TransferError('EPROTONOSUPPORT', `Protocol version ${frame.version} does not exist.`);
    this.headerChecks.enabled = this.headerChecks.required = frame.check !== undefined;
    this.headerChecks.refused = !this.headerChecks.enabled && this.codec?.hasHeaderChecksum !== true;
    const login = this.#listener.onHello?.(frame);
    if (!login) {
      this.#welcome(frame);
      return true;
    }
    this.#pendingInput = [];
    login.then(
      () => this.#onLogin(frame),
      (thrown: unknown) => this.fail(TransferError.from(thrown)),
    );
    return true;
  }

  #queueInput(item: Frame | UnknownFrame | Uint8Array): void {
    this.activityCount += 1;
    if (this.ended) return;
    const queue = (this.#pendingInput ??= []);
    queue.push(item);
    this.#hasPendingRequest ||= !(item instanceof Uint8Array) && item.type === 'open';
    if (queue.length <= MAX_PENDING_FRAMES) return;
    this.#pendingInput = [];
    const reason = `The client sent more than ${MAX_PENDING_FRAMES} frames before its login was checked.`;
    this.fail(new TransferError('EFLOOD', reason));
  }

  #onLogin(hello: FrameOf<'hello'>): void {
    const input = this.#pendingInput ?? [];
    this.#pendingInput = undefined;
    this.#hasPendingRequest = false;
    if (this.ended) return;
    this.#welcome(hello);
    for (const item of input) {
      if (item instanceof Uint8Array) this.payload(item);
      else this.frame(item);
    }
  }

  #welcome(frame: FrameOf<'hello'>): void {
    const { agent, maxFrameBytes, maxChannels } = this.settings;
    const peerMaxFrame = Math.max(MIN_FRAME_BYTES, frame.maxFrame ?? MIN_FRAME_BYTES);
    const maxFrame = Math.min(maxFrameBytes, peerMaxFrame);
    const version = Math.min(frame.version, PROTOCOL_VERSION);
    this.keepAlive.peerTimeoutMs = frame.keepAliveTimeout;
    this.keepAlive.adoptPeerTimeout();
    // A client that does not send the field, such as a person with a terminal, does not get it.
    const keepAliveTimeout = frame.keepAliveTimeout === undefined ? undefined : this.keepAlive.timeoutMs;
    const extras = this.#listener.onWelcome?.(frame);
    this.sendFrame({
      type: 'welcome',
      version,
      agent,
      maxFrame,
      maxChannels,
      keepAliveTimeout,
      ...extras,
    });
    this.open({ agent: frame.agent, maxFrameBytes: maxFrame });
  }

  #open(frame: FrameOf<'open'>): void {
    const { id } = frame;
    if (id % 2 === 0 || id <= this.lastId)
      throw protocolError(`The id of a new channel must be odd and greater than ${this.lastId}, not ${id}.`);
    this.lastId = id;
    this.requestCount += 1;
    // The client knows from `goaway` that this request was not started.
    if (this.#goawayId !== undefined) return;
    const { maxChannels } = this.settings;
    const hasBody = bodyOperations.has(frame.op);
    if (!this.hasPlace(hasBody, maxChannels)) {
      const reason = `The connection already has ${maxChannels} open channels.`;
      return this.sendFrame(errorFrame(new TransferError('EAGAIN', reason), id));
    }
    const channel = new ServerChannel(this, id, {
      send: frame.window,
      receive: 0,
      minRtt: this.#minRtt,
      hasBody,
      takesBody: hasClientBody(frame),
      takesOffsets: frame.op === 'upload',
      overPath: frame.op === 'upload' && this.path?.isUsable === true && prefersPath(frame),
    });
    this.addChannel(channel);
    this.#listener.onRequest(channel, frame);
  }
}
