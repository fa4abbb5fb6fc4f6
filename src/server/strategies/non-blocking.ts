/** Non-blocking: the strategy of a server with many clients. */
import { TransferError } from '../../errors.js';
import { Lane } from './lane.js';
import type { ServerRequest, ServerStrategy } from './strategy.js';

/** The part of all places, one of so many, that is left to origins of which nothing is served yet. */
const NEWCOMERS_PART = 8;

/** Bounds of the non-blocking strategy. */
export interface NonBlockingOptions {
  /** Requests served at once, of all origins; one origin may have as many of them as are left to others. */
  readonly maxConcurrentRequests: number;
  /** Requests that wait; further ones are refused with EAGAIN. */
  readonly maxQueuedRequests: number;
}

/**
 * All requests at once, up to a limit. Beyond it they wait; origins take turns in starting theirs, and so do the
 * connections of each, so that one with a thousand requests does not hold up one with a single request. An origin whose
 * requests come to no end holds up nobody else, either: it may have as many places as it leaves free, the half of them
 * at most, and the last ones are for origins of which nothing is served. How the bytes of those that run take turns is
 * the session's business.
 */
export class NonBlockingStrategy implements ServerStrategy {
  /** `'non-blocking'`. */
  readonly name = 'non-blocking';
  readonly #options: NonBlockingOptions;
  /** By origin; a Map keeps the order in which their turns come. */
  readonly #lanes = new Map<string, Lane>();
  #running = 0;
  #queued = 0;

  constructor(options: NonBlockingOptions) {
    this.#options = options;
  }

  /** Starts a request, queues it, or refuses it with EAGAIN. */
  submit(request: ServerRequest): void {
    const lane = this.#laneOf(request.origin);
    if (this.#mayStart(lane)) {
      void this.#serve(request, lane);
    } else if (this.#hasRoom() || this.#makeRoom(lane)) {
      lane.add(request);
      this.#queued += 1;
      // One with nothing in it may have been dropped while room was looked for.
      this.#lanes.set(request.origin, lane);
    } else {
      request.refuse(tooMany());
    }
    this.#drop(request.origin, lane);
  }

  #laneOf(origin: string): Lane {
    const lane = this.#lanes.get(origin) ?? new Lane();
    this.#lanes.set(origin, lane);
    return lane;
  }

  #drop(origin: string, lane: Lane): void {
    if (lane.running === 0 && lane.waiting === 0) this.#lanes.delete(origin);
  }

  #mayStart(lane: Lane): boolean {
    const { maxConcurrentRequests } = this.#options;
    const free = maxConcurrentRequests - this.#running;
    if (lane.running === 0) return free > 0;
    // Those who come one after the other would each have the half of what is left, until nothing is.
    return lane.running < free && free > Math.floor(maxConcurrentRequests / NEWCOMERS_PART);
  }

  async #serve(request: ServerRequest, lane: Lane): Promise<void> {
    lane.running += 1;
    this.#running += 1;
    await request.run();
    lane.running -= 1;
    this.#running -= 1;
    this.#drop(request.origin, lane);
    this.#startWaiting();
  }

  #startWaiting(): void {
    if (this.#queued === 0) return;
    for (const [origin, lane] of this.#lanes) {
      if (lane.waiting === 0 || !this.#mayStart(lane)) continue;
      // Its next turn comes after everybody else's; what is put back is met again by this loop.
      this.#lanes.delete(origin);
      this.#lanes.set(origin, lane);
      const request = lane.next();
      this.#queued -= 1;
      if (request) void this.#serve(request, lane);
    }
  }

  #hasRoom(): boolean {
    if (this.#queued < this.#options.maxQueuedRequests) return true;
    this.#queued = 0;
    for (const [origin, lane] of this.#lanes) {
      lane.dropOver();
      this.#queued += lane.waiting;
      this.#drop(origin, lane);
    }
    return this.#queued < this.#options.maxQueuedRequests;
  }

  /** Refuses a request of whoever has most of them waiting, if that is not who asks. */
  #makeRoom(asking: Lane): boolean {
    let longest = asking;
    for (const lane of this.#lanes.values()) if (lane.waiting > longest.waiting) longest = lane;
    if (longest.waiting <= asking.waiting + 1) return false;
    longest.last()?.refuse(tooMany());
    this.#queued -= 1;
    return true;
  }
}

function tooMany(): TransferError {
  return new TransferError('EAGAIN', 'Too many requests wait.');
}
