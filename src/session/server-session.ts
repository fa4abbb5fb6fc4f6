/** The server's side of a session: it answers a greeting, and hands each opened channel to whoever serves. */
import type { Codec } from '../codecs/codec.js';
import { protocolError, TransferError } from '../errors.js';
import type { Frame, FrameOf, UnknownFrame } from '../protocol/frames.js';
import {
  MAX_CONTROL_BACKLOG_BYTES,
  MAX_PENDING_FRAMES,
  MIN_FRAME_BYTES,
  PROTOCOL_VERSION,
} from '../protocol/limits.js';
import { MinRtt } from './flow-control/min-rtt.js';
import { errorFrame, ServerChannel } from './channel/server-channel.js';
import { Session } from './session.js';
import type { SessionListener, SessionSettings } from './settings.js';

/** Tells the codec from a connection's first bytes: undefined while they are too few, null if none fits. */
export type ChooseCodec = (firstBytes: Uint8Array) => Codec | null | undefined;

/** Who serves what is asked on a session. */
export interface ServerSessionListener extends SessionListener {
  /** A client has greeted: throws, or rejects with, what it is refused for. Until it resolves nothing is served. */
  login?(hello: FrameOf<'hello'>): Promise<void> | undefined;
  /** A request has come. */
  request(channel: ServerChannel, open: FrameOf<'open'>): void;
  /** What to say to a peer whose codec is not known: it may not be a client at all. */
  notACodec(error: TransferError): Uint8Array;
}

export class ServerSession extends Session<ServerChannel> {
  /** A number that rises with every request. */
  requestCount = 0;
  readonly #owner: ServerSessionListener;
  readonly #chooseCodec: ChooseCodec;
  readonly #roundTrip = new MinRtt();
  #firstBytes: Buffer | undefined;
  #goawayId: number | undefined;
  /** Frames and pieces of payload that have come while a login is being checked. */
  #held: (Frame | UnknownFrame | Uint8Array)[] | undefined;

  constructor(chooseCodec: ChooseCodec, settings: SessionSettings, owner: ServerSessionListener) {
    super(settings, owner);
    this.#owner = owner;
    this.#chooseCodec = chooseCodec;
  }

  /** All that a server says is an answer. */
  override get congested(): boolean {
    return (
      (this.#held !== undefined && !this.ended) || this.outbound.controlBytes > MAX_CONTROL_BACKLOG_BYTES
    );
  }

  override frame(frame: Frame | UnknownFrame): void {
    if (this.#held) this.#hold(frame);
    else super.frame(frame);
  }

  override payload(piece: Uint8Array): void {
    if (this.#held) this.#hold(piece);
    else super.payload(piece);
  }

  protected override receiveFirst(chunk: Buffer): void {
    const bytes = this.#firstBytes ? Buffer.concat([this.#firstBytes, chunk]) : chunk;
    const codec = this.#chooseCodec(bytes);
    this.#firstBytes = codec ? undefined : Buffer.from(bytes);
    if (codec) this.useCodec(codec).write(bytes);
    else if (codec === null) this.fail(protocolError('The first bytes are of no codec that is spoken here.'));
  }

  protected override sayBeforeCodec(error: TransferError): void {
    this.outbound.raw(this.#owner.notACodec(error));
  }

  protected override handle(frame: Frame): boolean {
    if (frame.type === 'hello') return this.#hello(frame);
    if (frame.type === 'error' && frame.id === undefined) {
      this.disconnect(new TransferError(frame.code, frame.message));
      return true;
    }
    if (this.phase === 'greeting') return false;
    switch (frame.type) {
      case 'open':
        this.#open(frame);
        return true;
      case 'end':
      case 'cancel':
        this.#toChannel(frame);
        return true;
      default:
        return false;
    }
  }

  protected override checkGone(id: number): void {
    // What was on its way when the channel's terminal frame was sent is dropped.
    if (id > this.lastId || id % 2 === 0)
      throw protocolError('A frame is for a channel that was never opened.');
  }

  protected override inputEnded(): void {
    if (this.phase === 'greeting') {
      this.disconnect(
        new TransferError('ECONNRESET', 'The client ended the connection before it said hello.'),
      );
      return;
    }
    for (const channel of this.channels.values()) channel.inputEnded();
  }

  override drain(): void {
    if (this.accepting && this.phase === 'open') {
      this.#goawayId = this.lastId;
      this.sendFrame({ type: 'goaway', lastId: this.lastId });
    }
    super.drain();
  }

  protected override refuseUnknown(id: number): void {
    const channel = this.channels.get(id);
    if (channel) channel.stop(new TransferError('ENOTSUP', 'A frame of that type is not known here.'));
    else this.checkGone(id);
  }

  #hello(frame: FrameOf<'hello'>): boolean {
    if (this.phase !== 'greeting') return false;
    if (frame.version < 1)
      throw new TransferError('EPROTONOSUPPORT', 'There is no version 0 of the protocol.');
    this.checks.enabled = this.checks.required = frame.check !== undefined;
    const login = this.#owner.login?.(frame);
    if (!login) {
      this.#welcome(frame);
      return true;
    }
    this.#held = [];
    login.then(
      () => this.#admit(frame),
      (thrown: unknown) => this.fail(TransferError.from(thrown)),
    );
    return true;
  }

  #hold(item: Frame | UnknownFrame | Uint8Array): void {
    this.activityCount += 1;
    if (this.ended) return;
    const held = (this.#held ??= []);
    // A piece is lent for the call.
    held.push(item instanceof Uint8Array ? Buffer.from(item) : item);
    if (held.length <= MAX_PENDING_FRAMES) return;
    this.#held = [];
    this.fail(new TransferError('EFLOOD', 'Too much has come before the login was known.'));
  }

  /** The login is good: what has come behind the hello counts. */
  #admit(hello: FrameOf<'hello'>): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.ended) return;
    this.#welcome(hello);
    for (const item of held) {
      if (item instanceof Uint8Array) this.payload(item);
      else this.frame(item);
    }
  }

  #welcome(frame: FrameOf<'hello'>): void {
    const { agent, maxFrameBytes, maxChannels } = this.settings;
    const peerMaxFrame = Math.max(MIN_FRAME_BYTES, frame.maxFrame ?? MIN_FRAME_BYTES);
    const maxFrame = Math.min(maxFrameBytes, peerMaxFrame);
    const version = Math.min(frame.version, PROTOCOL_VERSION);
    this.silence.setPeerTimeout(frame.keepAliveTimeout);
    this.silence.adoptPeerTimeout();
    // Who says nothing of it, perhaps a person, is told nothing.
    const keepAliveTimeout = frame.keepAliveTimeout === undefined ? undefined : this.silence.ownMs;
    this.sendFrame({ type: 'welcome', version, agent, maxFrame, maxChannels, keepAliveTimeout });
    this.open({ agent: frame.agent, maxFrameBytes: maxFrame });
  }

  #open(frame: FrameOf<'open'>): void {
    const { id } = frame;
    if (id % 2 === 0 || id <= this.lastId)
      throw protocolError('The id of a new channel is not odd and rising.');
    this.lastId = id;
    this.requestCount += 1;
    // After goaway the client knows that this one was not begun.
    if (this.#goawayId !== undefined) return;
    if (this.channels.size >= this.settings.maxChannels) {
      this.sendFrame(errorFrame(new TransferError('EAGAIN', 'Too many channels are open.'), id));
      return;
    }
    const channel = new ServerChannel(this, id, {
      send: frame.window,
      receive: 0,
      minRtt: this.#roundTrip,
    });
    this.channels.set(id, channel);
    this.#owner.request(channel, frame);
  }

  #toChannel(frame: FrameOf<'end' | 'cancel'>): void {
    const channel = this.channels.get(frame.id);
    if (channel) channel.handle(frame);
    else this.checkGone(frame.id);
  }
}
