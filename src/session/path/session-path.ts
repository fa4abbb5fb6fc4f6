/**
 * Bodies over a UDP path. The session gives a path bytes that wait in channels, and the channels what arrives. Its reports
 * travel in frames. When the path breaks, what it has not delivered follows in data frames.
 *
 *     Channel -> schedule() -> take() -> BodyPath ~ datagrams ~ BodyPath -> receive() -> Channel.receiveAt()
 *     onBroken -> ResentPieces -> Outbound -> data frames with an offset -> onResent
 */
import { queueMicrotask } from '../../clock.js';
import { protocolError } from '../../errors.js';
import type { Frame, FrameOf } from '../../protocol/frames.js';
import type { BodyPath, BodyPathHost, PathConfirmation } from '../../udp/body-path.js';
import type { BodyPiece } from '../../udp/body-source.js';
import type { ReceiverReport } from '../../udp/report.js';
import type { Channel } from '../channel/channel.js';
import type { OutboundSource } from '../outbound.js';
import { PathThrottles, type Throttles } from './path-throttles.js';
import { reportFrame, reportOf } from './report-frames.js';
import { ResentPieces } from './resent-pieces.js';

/** The session, as its path uses it. */
export interface SessionPathHost {
  sendFrame(frame: Frame): void;
  /** Whether few frames wait. */
  readonly canReport: boolean;
  /** Queues data frames. */
  scheduleFrames(source: OutboundSource): void;
  /** A part of a body has arrived. */
  receiveAt(piece: BodyPiece): void;
  /** The other end sends no bytes any more that it has sent over the path before. */
  onDelivered(): void;
}

export interface SessionPathListener {
  /** Bodies can travel over the path. */
  onUsable?(): void;
  /** Bodies travel over the connection from now on. `isNetwork`: datagrams do not get through. */
  onBroken?(reason: string, isNetwork: boolean): void;
  /** All that the path had not delivered was sent. */
  onResent(): void;
}

/** `usable` after the confirmation; `broken` for ever. */
type State = 'opening' | 'usable' | 'broken';

/** Channels have ids of 48 bits, datagrams room for 32. */
const MAX_CHANNEL_ID = 2 ** 32 - 1;

export class SessionPath implements BodyPathHost {
  /** The channel of the path. */
  readonly id: number;
  /** Bytes of bodies, those that arrive again included. */
  bytesReceived = 0;
  /** Bytes of bodies, without those that are sent again. */
  bytesSent = 0;
  readonly #host: SessionPathHost;
  readonly #listener: SessionPathListener;
  readonly #throttles: PathThrottles;
  readonly #channels: Channel[] = [];
  #path: BodyPath | undefined;
  #state: State = 'opening';
  #resent: ResentPieces | undefined;
  /** Whether bytes that the other end has sent over the path may still arrive, in datagrams or in data frames. */
  isDelivering = true;

  /** @param throttles - of the connection: bytes in datagrams count like others */
  constructor(
    id: number,
    { host, throttles = {} }: { host: SessionPathHost; throttles?: Throttles },
    listener: SessionPathListener,
  ) {
    this.id = id;
    this.#host = host;
    this.#throttles = new PathThrottles(throttles, {
      wake: () => this.#path?.wake(),
      sendFrame: (frame) => host.sendFrame(frame),
    });
    this.#listener = listener;
  }

  get isUsable(): boolean {
    return this.#state === 'usable';
  }

  /** Whether another path may follow. */
  get isOver(): boolean {
    return this.#state === 'broken' && !this.#resent;
  }

  /** Undefined before `attach` and after the end. */
  get path(): BodyPath | undefined {
    return this.#path;
  }

  attach(path: BodyPath): void {
    if (this.#state === 'broken') path.close();
    else this.#path = path;
  }

  // For the session

  /** Whether the bytes of a channel that wait are for this path. */
  carries(channel: Channel): boolean {
    if (this.#state === 'broken') return false;
    if (channel.sendsOffsets) return true;
    if (!this.isUsable || !channel.prefersPath || channel.bytesSent > 0 || channel.id > MAX_CHANNEL_ID)
      return false;
    return (channel.sendsOffsets = true);
  }

  /** Queues a channel that has data to send, unless it is queued already. */
  schedule(channel: Channel): void {
    if (channel.isScheduled) return;
    channel.isScheduled = true;
    this.#channels.push(channel);
    this.#path?.wake();
  }

  /** Forgets what was sent of a channel that has ended before all of it arrived. */
  drop(channelId: number): void {
    this.#path?.drop(channelId);
    this.#resent?.drop(channelId);
  }

  /** A channel has ended. */
  onChannelEnd(channelId: number): void {
    this.#throttles.drop(channelId);
  }

  /** Sends credit for a body that has offsets, when the limits of the connection allow more of it. */
  grant(frame: FrameOf<'ack'>): void {
    if (this.#state === 'broken') this.#host.sendFrame(frame);
    else this.#throttles.grant(frame);
  }

  /** Handles a frame of the path. Throws EPROTO. */
  handle(frame: FrameOf<'receiver-report' | 'sender-report' | 'confirm'>): void {
    // Frames cross: the path may have failed meanwhile.
    if (this.#state === 'broken') return;
    if (!this.#path) throw protocolError(`A frame of type ${frame.type} has come before the path is open.`);
    if (frame.type === 'receiver-report') return this.#path.onReceiverReport(reportOf(frame));
    if (frame.type === 'sender-report') return this.#path.onSenderReport(frame.sentTo);
    this.#path.onPathConfirmation({ token: frame.token, size: frame.size });
    this.#setUsable();
  }

  /** The other end has ended the path: it sends nothing over it, and has sent again what did not arrive. */
  onEnd(reason: string): void {
    if (!this.isDelivering) return;
    this.isDelivering = false;
    this.fail(reason);
    this.#host.onDelivered();
  }

  /** Ends the path; bodies continue over the connection. */
  fail(reason: string): void {
    if (this.#state === 'broken') return;
    if (this.#path) this.#path.fail(reason);
    else this.onBroken(reason, [], false);
  }

  /** The connection has ended. */
  close(): void {
    this.#state = 'broken';
    this.isDelivering = false;
    this.#path?.close();
    this.#path = undefined;
  }

  // BodyPathHost

  take(maxBytes: number): BodyPiece | undefined {
    if (!this.#throttles.maySend()) return undefined;
    for (let channel = this.#channels.shift(); channel; channel = this.#channels.shift()) {
      channel.isScheduled = false;
      const piece = channel.canSend ? takeFrom(channel, maxBytes) : undefined;
      if (!piece) continue;
      if (channel.canSend) {
        channel.isScheduled = true;
        this.#channels.push(channel);
      }
      this.#throttles.onSent(piece.bytes.length);
      this.bytesSent += piece.bytes.length;
      return piece;
    }
    return undefined;
  }

  onResent(bytes: number): void {
    this.#throttles.onSent(bytes);
  }

  get isOverLimit(): boolean {
    return this.#throttles.isOverLimit;
  }

  receive(piece: BodyPiece): void {
    this.#throttles.onReceived(piece.bytes.length);
    this.bytesReceived += piece.bytes.length;
    if (this.#state !== 'broken') this.#host.receiveAt(piece);
  }

  get canReport(): boolean {
    return this.#host.canReport;
  }

  sendReceiverReport(report: ReceiverReport): void {
    this.#host.sendFrame(reportFrame(this.id, report));
  }

  sendSenderReport(sentTo: number): void {
    this.#host.sendFrame({ type: 'sender-report', id: this.id, sentTo });
  }

  sendPathConfirmation({ token, size }: PathConfirmation): void {
    this.#host.sendFrame({ type: 'confirm', id: this.id, token, size });
    this.#setUsable();
  }

  onBroken(reason: string, unacknowledged: Iterable<BodyPiece>, isNetwork: boolean): void {
    if (this.#state === 'broken') return;
    this.#state = 'broken';
    this.#resent = new ResentPieces(unacknowledged, () => this.#onResent());
    this.#path?.close();
    this.#path = undefined;
    this.#listener.onBroken?.(reason, isNetwork);
    this.#throttles.release();
    if (this.#resent.canSend) this.#host.scheduleFrames(this.#resent);
    else this.#onResent();
    for (const channel of this.#channels.splice(0)) {
      channel.isScheduled = false;
      this.#host.scheduleFrames(channel);
    }
  }

  #setUsable(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'usable';
    this.#listener.onUsable?.();
  }

  #onResent(): void {
    if (!this.#resent) return;
    this.#resent = undefined;
    this.#listener.onResent();
  }
}

/** The next bytes of a channel, in one piece. Running checksums are for the order of data frames, so there are none. */
function takeFrom(channel: Channel, maxBytes: number): BodyPiece | undefined {
  const offset = channel.bytesSent;
  const payload = channel.nextFrame(maxBytes);
  if (!payload) return undefined;
  const { pieces, onSent } = payload;
  const [first] = pieces;
  const bytes = pieces.length === 1 && first ? first : Buffer.concat(pieces);
  // When the path has copied the bytes.
  if (onSent) queueMicrotask(onSent);
  return { channelId: channel.id, offset, bytes };
}
