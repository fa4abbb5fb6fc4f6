/** The non-blocking strategy: for servers with many clients. */
import { TransferError } from '../../errors.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import { integerOption, rejectUnknownOptions } from '../../options/option.js';
import { DEFAULT_MAX_CONCURRENT_REQUESTS, DEFAULT_MAX_QUEUED_REQUESTS } from '../../protocol/limits.js';
import { OriginQueue } from './origin-queue.js';
import { PruneThrottle } from './prune-throttle.js';
import { LongestQueueIndex } from './longest-queue-index.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** One in this many places is reserved for origins of which no request runs. */
const RESERVED_PART = 8;

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
  /** Queues by origin. Every queue has a request that runs or waits. */
  readonly #queues = new Map<string, OriginQueue>();
  /** Queues in which requests wait, in the order of turns. */
  readonly #turns = new LinkedList<OriginQueue>();
  readonly #longestQueue = new LongestQueueIndex();
  readonly #pruneThrottle = new PruneThrottle();
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
    this.#pruneThrottle.onArrival();
    const queue = this.#queues.get(request.origin) ?? new OriginQueue(request.origin);
    if (this.#mayStart(queue)) {
      this.#queues.set(queue.origin, queue);
      this.#serve(request, queue);
    } else if (this.#hasRoom() || this.#makeRoom(queue)) {
      queue.add(request);
      // The search for room may have dropped an empty queue.
      this.#queues.set(queue.origin, queue);
      this.#changed(queue, 1);
    } else {
      request.reject(this.#queueFull());
    }
  }

  /** The number of waiting requests of a queue has changed. A queue has a turn while requests wait in it. */
  #changed(queue: OriginQueue, requests: number): void {
    this.#queued += requests;
    this.#longestQueue.changed(queue);
    if (queue.waiting > 0) queue.turn ??= this.#turns.push(queue);
    else if (queue.turn) {
      this.#turns.remove(queue.turn);
      queue.turn = undefined;
      this.#dropUnused(queue);
    }
  }

  #dropUnused(queue: OriginQueue): void {
    if (queue.running === 0 && queue.waiting === 0) this.#queues.delete(queue.origin);
  }

  #mayStart(queue: OriginQueue): boolean {
    const free = this.#maxConcurrentRequests - this.#running;
    if (queue.running === 0) return free > 0;
    // Without the reserve, each new origin would take half of the free places until none is left.
    return queue.running < free && free > Math.floor(this.#maxConcurrentRequests / RESERVED_PART);
  }

  #serve(request: ServerRequest, queue: OriginQueue): void {
    queue.running += 1;
    this.#running += 1;
    void request.run().then(() => this.#served(queue));
  }

  #served(queue: OriginQueue): void {
    queue.running -= 1;
    this.#running -= 1;
    this.#dropUnused(queue);
    this.#startWaiting();
  }

  /** Skips only origins that have running requests, so the time does not depend on the number that wait. */
  #startWaiting(): void {
    let place = this.#turns.first;
    while (place && this.#running < this.#maxConcurrentRequests) {
      const { item: queue, next }: Node<OriginQueue> = place;
      if (this.#mayStart(queue)) {
        // The next turn of this origin comes after the turns of all others.
        this.#turns.moveToEnd(place);
        this.#startNext(queue);
        place = next ?? queue.turn;
      } else {
        place = next;
      }
    }
  }

  #startNext(queue: OriginQueue): void {
    const request = queue.next();
    if (request) this.#serve(request, queue);
    this.#changed(queue, -1);
  }

  #hasRoom(): boolean {
    const isFull = this.#queued >= this.#maxQueuedRequests;
    if (isFull && this.#pruneThrottle.isDue(this.#queued)) this.#dropSettled();
    return this.#queued < this.#maxQueuedRequests;
  }

  #dropSettled(): void {
    let place = this.#turns.first;
    while (place) {
      const { item: queue, next }: Node<OriginQueue> = place;
      const before = queue.waiting;
      queue.dropSettled();
      this.#changed(queue, queue.waiting - before);
      place = next;
    }
  }

  /** Rejects a request of the origin with the longest queue, unless the asking origin itself has the longest one. */
  #makeRoom(asking: OriginQueue): boolean {
    const { longest } = this.#longestQueue;
    if (!longest || longest.waiting <= asking.waiting + 1) return false;
    const last = longest.last();
    this.#changed(longest, -1);
    last?.reject(this.#queueFull());
    return true;
  }

  #queueFull(): TransferError {
    const reason = `The request queue of the server is full: ${this.#maxQueuedRequests} requests wait.`;
    return new TransferError('EAGAIN', reason);
  }
}
