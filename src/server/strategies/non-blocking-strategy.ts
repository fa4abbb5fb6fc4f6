/** The non-blocking strategy: for servers with many clients. */
import { TransferError } from '../../errors.js';
import { LinkedList, type Node } from '../../collections/linked-list.js';
import { integerOption, rejectUnknownOptions } from '../../options/option.js';
import { DEFAULT_MAX_CONCURRENT_REQUESTS, DEFAULT_MAX_QUEUED_REQUESTS } from '../../protocol/limits.js';
import { OriginQueue } from './origin-queue.js';
import { PruneThrottle } from './prune-throttle.js';
import { LongestQueueIndex } from './longest-queue-index.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** The last 1/8 of the places is reserved for origins of which no request runs. */
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
  /** By origin; only origins with running or waiting requests. */
  readonly #queues = new Map<string, OriginQueue>();
  /** The queues with waiting requests, in the order of their turns. */
  readonly #turns = new LinkedList<OriginQueue>();
  readonly #byLength = new LongestQueueIndex();
  readonly #pruning = new PruneThrottle();
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
    this.#pruning.arrived();
    const queue = this.#queues.get(request.origin) ?? new OriginQueue(request.origin);
    if (this.#mayStart(queue)) {
      this.#queues.set(queue.origin, queue);
      this.#run(request, queue);
    } else if (this.#hasRoom() || this.#makeRoom(queue)) {
      queue.add(request);
      // Pruning may have deleted the queue while it was empty.
      this.#queues.set(queue.origin, queue);
      this.#onChange(queue, 1);
    } else {
      request.reject(tooMany());
    }
  }

  /** The number of waiting requests of a queue has changed. A queue has a turn while requests wait. */
  #onChange(queue: OriginQueue, requests: number): void {
    this.#queued += requests;
    this.#byLength.update(queue);
    if (queue.waiting > 0) queue.turn ??= this.#turns.push(queue);
    else if (queue.turn) {
      this.#turns.remove(queue.turn);
      queue.turn = undefined;
      this.#deleteIfUnused(queue);
    }
  }

  #deleteIfUnused(queue: OriginQueue): void {
    if (queue.running === 0 && queue.waiting === 0) this.#queues.delete(queue.origin);
  }

  #mayStart(queue: OriginQueue): boolean {
    const maxConcurrentRequests = this.#maxConcurrentRequests;
    const free = maxConcurrentRequests - this.#running;
    if (queue.running === 0) return free > 0;
    // Without the reserve, each new origin would take half of the rest, until nothing is left.
    return queue.running < free && free > Math.floor(maxConcurrentRequests / NEWCOMERS_PART);
  }

  #run(request: ServerRequest, queue: OriginQueue): void {
    queue.running += 1;
    this.#running += 1;
    void request.run().then(() => this.#onEnd(queue));
  }

  #onEnd(queue: OriginQueue): void {
    queue.running -= 1;
    this.#running -= 1;
    this.#deleteIfUnused(queue);
    this.#startWaiting();
  }

  /** Skips only queues with running requests, so the cost does not grow with the number of waiting ones. */
  #startWaiting(): void {
    let node = this.#turns.first;
    while (node && this.#running < this.#maxConcurrentRequests) {
      const { item: queue, next }: Node<OriginQueue> = node;
      if (this.#mayStart(queue)) {
        // Its next turn comes after those of all other queues; at once if there is no other.
        this.#turns.moveToEnd(node);
        this.#startNext(queue);
        node = next ?? queue.turn;
      } else {
        node = next;
      }
    }
  }

  #startNext(queue: OriginQueue): void {
    const request = queue.next();
    if (request) this.#run(request, queue);
    this.#onChange(queue, -1);
  }

  #hasRoom(): boolean {
    const maxQueuedRequests = this.#maxQueuedRequests;
    if (this.#queued >= maxQueuedRequests && this.#pruning.isDue(this.#queued)) this.#dropSettled();
    return this.#queued < maxQueuedRequests;
  }

  #dropSettled(): void {
    let node = this.#turns.first;
    while (node) {
      const { item: queue, next }: Node<OriginQueue> = node;
      const before = queue.waiting;
      queue.dropSettled();
      this.#onChange(queue, queue.waiting - before);
      node = next;
    }
  }

  /** Rejects a request of the longest queue, if that is longer than the queue of the new request. */
  #makeRoom(own: OriginQueue): boolean {
    const { longest } = this.#byLength;
    if (!longest || longest.waiting <= own.waiting + 1) return false;
    const last = longest.last();
    this.#onChange(longest, -1);
    last?.reject(tooMany());
    return true;
  }
}

function tooMany(): TransferError {
  return new TransferError('EAGAIN', 'Too many requests wait.');
}
