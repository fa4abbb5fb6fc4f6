/**
 * Keeps the clients of slow requests from giving up: each request that waits for the storage, a lock or its turn gets an
 * empty `ack` at intervals, as long as the server has a reason to believe that the request will end.
 *
 *     timer -> RequestKeepAlive -> each RequestRouter -> each Exchange -> KeepAliveState.isDue -> ack offset=0 window=0
 */
import { clearInterval, setInterval } from '../../clock.js';

/** Interval between two acks in ms. A client may wait for as little as some of them. */
const INTERVAL_MS = 100;

/** Age of a request in ms from which it gets acks: most requests end before. */
const MIN_AGE_MS = INTERVAL_MS / 2;

/** The requests of one connection. */
export interface RequestSource {
  /** Sends an `ack` for each request that is due. Returns false if there are no requests. */
  sendKeepAlives(limits: KeepAliveLimits): boolean;
}

export interface KeepAliveLimits {
  readonly intervalMs: number;
  readonly minAgeMs: number;
  /** Time without progress in ms after which a request gets no more acks. */
  readonly progressMs: number;
}

/** The timer of a server. It runs only while there are requests. */
export class RequestKeepAlive {
  readonly #limits: KeepAliveLimits;
  readonly #sources = new Set<RequestSource>();
  #timer: NodeJS.Timeout | undefined;

  constructor(progressMs: number) {
    this.#limits = { intervalMs: INTERVAL_MS, minAgeMs: MIN_AGE_MS, progressMs };
  }

  /** To be called when a source has a request. Cheap, because the timer removes a source that has none. */
  watch(source: RequestSource): void {
    this.#sources.add(source);
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref();
  }

  /** Stops until the next request. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sources.clear();
  }

  #tick(): void {
    for (const source of this.#sources) {
      if (!source.sendKeepAlives(this.#limits)) this.#sources.delete(source);
    }
    if (this.#sources.size === 0) this.stop();
  }
}

/** How a request has progressed between the ticks of the timer. */
export interface RequestProgress {
  /** Bytes of body that have moved. They show the client by themselves that the server is at work. */
  readonly bytes: number;
  /** A number that increases with each step of the work. */
  readonly steps: number;
}

/** Counts steps. Refers to nothing else, because a storage may keep `count` as long as it keeps a suspended upload. */
export class StepCounter {
  steps = 0;
  readonly count = (): void => void (this.steps += 1);
}

/** The acks of one request. */
export class KeepAliveState {
  #bytes = 0;
  #steps = 0;
  #quietMs = 0;

  /** Whether an `ack` is to be sent. To be called at each tick. */
  isDue({ bytes, steps }: RequestProgress, { intervalMs, progressMs }: KeepAliveLimits): boolean {
    const hasMoved = bytes !== this.#bytes;
    const hasProgressed = hasMoved || steps !== this.#steps;
    this.#bytes = bytes;
    this.#steps = steps;
    this.#quietMs = hasProgressed ? 0 : this.#quietMs + intervalMs;
    return !hasMoved && this.#quietMs <= progressMs;
  }
}
