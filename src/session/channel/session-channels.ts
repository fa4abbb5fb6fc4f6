/**
 * The channels of a session, and the way of their bodies: over the connection, or over its UDP path.
 *
 *     Channel -> schedule() -> SessionPath, if it carries the body of the channel
 *                           -> Outbound, otherwise
 */
import { LinkedMap } from '../../collections/linked-map.js';
import type { Frame, FrameOf } from '../../protocol/frames.js';
import { EXTRA_CHANNELS } from '../../protocol/limits.js';
import type { Outbound, OutboundSource } from '../outbound.js';
import type { SessionPath } from '../path/session-path.js';
import type { Channel } from './channel.js';

/**
 * Bytes of control frames that wait at most when a report of datagrams follows, which has some kilobytes. Datagrams arrive
 * also from a peer that does not read.
 */
const MAX_BACKLOG_BEFORE_REPORT_BYTES = 65_536;

export abstract class SessionChannels<AnyChannel extends Channel> {
  /** The UDP path of the connection, if it has one. */
  path: SessionPath | undefined;
  protected readonly channels = new LinkedMap<number, AnyChannel>();
  protected abstract readonly outbound: Outbound;
  #bodyChannels = 0;

  // For channels

  schedule(channel: Channel): void {
    if (this.path?.carries(channel) === true) this.path.schedule(channel);
    else this.outbound.schedule(channel);
  }

  /** Sends credit; for a body that comes over the path, when the limits of the connection allow more of it. */
  grant(frame: FrameOf<'ack'>, hasOffsets: boolean): void {
    if (hasOffsets && this.path) this.path.grant(frame);
    else this.sendFrame(frame);
  }

  removeChannel(channel: Channel): void {
    if (this.channels.delete(channel.id)?.hasBody) this.#bodyChannels -= 1;
    this.path?.onChannelEnd(channel.id);
    this.endWhenIdle();
  }

  get isDelivering(): boolean {
    return this.path?.isDelivering === true;
  }

  dropUndelivered({ id }: Channel): void {
    this.path?.drop(id);
  }

  // For the path

  scheduleFrames(source: OutboundSource): void {
    this.outbound.schedule(source);
  }

  get canReport(): boolean {
    return this.outbound.controlBytes <= MAX_BACKLOG_BEFORE_REPORT_BYTES;
  }

  onDelivered(): void {
    for (const channel of this.channels.values()) channel.onDelivered();
  }

  // For sessions

  protected addChannel(channel: AnyChannel): void {
    this.channels.set(channel.id, channel);
    if (channel.hasBody) this.#bodyChannels += 1;
  }

  /** Whether another channel fits, with or without a body. */
  protected hasPlace(hasBody: boolean, maxChannels: number): boolean {
    if (hasBody && this.#bodyChannels >= maxChannels) return false;
    return this.channels.size < maxChannels + EXTRA_CHANNELS;
  }

  /** Whether a request has a channel. That of the path lasts as long as the connection. */
  get hasRequests(): boolean {
    const hasPath = this.path !== undefined && this.channels.has(this.path.id);
    return this.channels.size > (hasPath ? 1 : 0);
  }

  abstract sendFrame(frame: Frame): void;

  protected abstract endWhenIdle(): void;
}
