/** The non-blocking strategy: for servers with many clients. */
import { TransferError } from '../../errors.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import { integerOption, rejectUnknownOptions } from '../../options/option.js';
import { DEFAULT_MAX_CONCURRENT_REQUESTS, DEFAULT_MAX_QUEUED_REQUESTS } from '../../protocol/limits.js';
import { OriginQueue } from './origin-queue.js';
import { PruneThrottle } from './prune-throttle.js';
import { LongestQueueIndex } from './longest-queue-index.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** The part of all places, one of so many, that is left to origins of which nothing is served yet. */
const NEWCOMERS_PART = 8;

/** The options of {@link NonBlockingStrategy}. */
export interface NonBlockingOptions {
  /** Requests that run at once, of all origins together. One origin gets at most half of them. From 1. Default 256. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Requests that wait; further ones are rejected with EAGAIN. From 0. Default 4,096. */
  readonly maxQueuedRequests?: number | undefined;
}

/**
 * Runs all requests at once, up to a limit. Beyond the limit, requests wait: origins (addresses) take turns in starting
 * theirs, and so do the connections of an origin. An origin with a thousand requests therefore does not delay an origin
 * with one. An origin runs at most as many requests as it leaves free, and the last eighth of the limit is reserved for
 * origins of which no request runs.
 */
export class NonBlockingStrategy implements ServerStrategy {
  /** `'non-blocking'`. */
  readonly name = 'non-blocking';
  readonly #maxConcurrentRequests: number;
  readonly #maxQueuedRequests: number;
  /** By origin; none in which nothing is served and nothing waits. */
  readonly #lanes = new Map<string, OriginQueue>();
  /** Those in which requests wait, in the order in which their turns come. */
  readonly #turns = new LinkedList<OriginQueue>();
  readonly #ranking = new LongestQueueIndex();
  readonly #lookThrough = new PruneThrottle();
  #running = 0;
  #queued = 0;

  /** @throws TypeError if an option is wrong */
  constructor(options: NonBlockingOptions = {}) {
    rejectUnknownOptions('NonBlockingStrategy', options, ['maxConcurrentRequests', 'maxQueuedRequests']);
    this.#maxConcurrentRequests = integerOption('maxConcurrentRequests', options.maxConcurrentRequests, {
      min: 1,
      default: DEFAULT_MAX_CONCURRENT_REQUESTS,
    });
    this.#maxQueuedRequests = integerOption('maxQueuedRequests', options.maxQueuedRequests, {
      min: 0,
      default: DEFAULT_MAX_QUEUED_REQUESTS,
    });
  }

  /** Runs or queues a request, or rejects it with EAGAIN. */
  submit(request: ServerRequest): void {
    this.#lookThrough.arrived();
    const lane = this.#lanes.get(request.origin) ?? new OriginQueue(request.origin);
    if (this.#mayStart(lane)) {
      this.#lanes.set(lane.origin, lane);
      this.#serve(request, lane);
    } else if (this.#hasRoom() || this.#makeRoom(lane)) {
      lane.add(request);
      // One with nothing in it may have been dropped while room was looked for.
      this.#lanes.set(lane.origin, lane);
      this.#changed(lane, 1);
    } else {
      request.reject(tooMany());
    }
  }

  /** So many more wait in a lane: it has a turn as long as any do. */
  #changed(lane: OriginQueue, requests: number): void {
    this.#queued += requests;
    this.#ranking.changed(lane);
    if (lane.waiting > 0) lane.turn ??= this.#turns.push(lane);
    else if (lane.turn) {
      this.#turns.remove(lane.turn);
      lane.turn = undefined;
      this.#dropUnused(lane);
    }
  }

  #dropUnused(lane: OriginQueue): void {
    if (lane.running === 0 && lane.waiting === 0) this.#lanes.delete(lane.origin);
  }

  #mayStart(lane: OriginQueue): boolean {
    const maxConcurrentRequests = this.#maxConcurrentRequests;
    const free = maxConcurrentRequests - this.#running;
    if (lane.running === 0) return free > 0;
    // Those who come one after the other would each have the half of what is left, until nothing is.
    return lane.running < free && free > Math.floor(maxConcurrentRequests / NEWCOMERS_PART);
  }

  #serve(request: ServerRequest, lane: OriginQueue): void {
    lane.running += 1;
    this.#running += 1;
    void request.run().then(() => this.#served(lane));
  }

  #served(lane: OriginQueue): void {
    lane.running -= 1;
    this.#running -= 1;
    this.#dropUnused(lane);
    this.#startWaiting();
  }

  /** Only lanes of which something is served are passed over, so that it takes no longer if more of them wait. */
  #startWaiting(): void {
    let place = this.#turns.first;
    while (place && this.#running < this.#maxConcurrentRequests) {
      const { item: lane, next }: Node<OriginQueue> = place;
      if (this.#mayStart(lane)) {
        // Its next turn comes after everybody else's; if there is nobody else, at once.
        this.#turns.moveToEnd(place);
        this.#startNext(lane);
        place = next ?? lane.turn;
      } else {
        place = next;
      }
    }
  }

  #startNext(lane: OriginQueue): void {
    const request = lane.next();
    if (request) this.#serve(request, lane);
    this.#changed(lane, -1);
  }

  #hasRoom(): boolean {
    const maxQueuedRequests = this.#maxQueuedRequests;
    if (this.#queued >= maxQueuedRequests && this.#lookThrough.isDue(this.#queued)) this.#dropOver();
    return this.#queued < maxQueuedRequests;
  }

  #dropOver(): void {
    let place = this.#turns.first;
    while (place) {
      const { item: lane, next }: Node<OriginQueue> = place;
      const before = lane.waiting;
      lane.dropOver();
      this.#changed(lane, lane.waiting - before);
      place = next;
    }
  }

  /** Refuses a request of whoever has most of them waiting, if that is not who asks. */
  #makeRoom(asking: OriginQueue): boolean {
    const { longest } = this.#ranking;
    if (!longest || longest.waiting <= asking.waiting + 1) return false;
    const last = longest.last();
    this.#changed(longest, -1);
    last?.reject(tooMany());
    return true;
  }
}

function tooMany(): TransferError {
  return new TransferError('EAGAIN', 'Too many requests wait.');
}
