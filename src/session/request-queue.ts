/**
 * The requests of a client that are not sent yet: some wait for `welcome`, the others for a place.
 *
 *     wait(waiter) -> takeWaiter, after welcome       add(queued) -> take, when there is a place
 */
import { LinkedMap } from '../collections/linked-map.js';
import type { TransferError } from '../errors.js';
import type { Frame, FrameOf } from '../protocol/frames.js';
import type { ClientChannel } from './channel/client-channel.js';

/** A channel that is not open yet, with the frames to send when it is. */
export interface QueuedRequest {
  readonly channel: ClientChannel;
  readonly open: FrameOf<'open'>;
  readonly frames: Frame[];
}

/** A request that has to know `welcome` before it gets a channel. */
export interface WelcomeWaiter {
  onWelcome(): void;
  /** The connection ended before `welcome`. */
  onLost(error: TransferError): void;
}

export class RequestQueue {
  // With ids that count down from -1: the id of a channel is chosen when it is opened.
  readonly #body = new LinkedMap<number, QueuedRequest>();
  readonly #nothing = new LinkedMap<number, QueuedRequest>();
  readonly #waiters = new Set<WelcomeWaiter>();

  /** Whether no request waits, for `welcome` or for a place. */
  get isEmpty(): boolean {
    return this.#body.size === 0 && this.#nothing.size === 0 && this.#waiters.size === 0;
  }

  /** The number of requests with a body that wait for a place. */
  get bodies(): number {
    return this.#body.size;
  }

  /** Whether a request of this kind waits for a place. */
  hasAny(hasBody: boolean): boolean {
    return (hasBody ? this.#body : this.#nothing).size > 0;
  }

  add(queued: QueuedRequest): void {
    this.#of(queued.channel).set(queued.channel.id, queued);
  }

  find(id: number): QueuedRequest | undefined {
    return this.#body.get(id) ?? this.#nothing.get(id);
  }

  remove(channel: ClientChannel): void {
    this.#of(channel).delete(channel.id);
  }

  /** Removes the request that came first of those that have a place. */
  take(hasPlace: (hasBody: boolean) => boolean): QueuedRequest | undefined {
    const body = hasPlace(true) ? this.#body.first : undefined;
    const other = hasPlace(false) ? this.#nothing.first : undefined;
    const isBody = body && (!other || body.channel.id > other.channel.id);
    return isBody ? this.#body.shift() : other && this.#nothing.shift();
  }

  /** Removes all requests that wait for a place. */
  takeAll(): QueuedRequest[] {
    const all = [...this.#body.values(), ...this.#nothing.values()];
    for (const { channel } of all) this.remove(channel);
    return all;
  }

  wait(waiter: WelcomeWaiter): void {
    this.#waiters.add(waiter);
  }

  stopWaiting(waiter: WelcomeWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Removes the waiter that came first. */
  takeWaiter(): WelcomeWaiter | undefined {
    const [waiter] = this.#waiters;
    if (waiter) this.#waiters.delete(waiter);
    return waiter;
  }

  #of({ hasBody }: ClientChannel): LinkedMap<number, QueuedRequest> {
    return hasBody ? this.#body : this.#nothing;
  }
}
