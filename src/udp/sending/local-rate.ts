/**
 * The rate on one host. There is no link: a receiver takes datagrams as fast as its process runs, and its socket loses those
 * that do not fit into its buffer. So reports, not time, let the next datagrams leave, and losses lower what may be in flight.
 * A model of a path would take the scheduling of both processes for a queue.
 */
import type { PathSample } from '../path/path-sample.js';
import type { RateModel } from '../rate/rate-model.js';

export interface LocalRateSettings {
  readonly datagramBytes: number;
  /** Bytes in flight at most. */
  readonly maxInflightBytes: number;
  /** Bytes per ms at most. Default: more than any host copies. */
  readonly maxRate?: number | undefined;
}

/** 10 GB/s. */
const UNLIMITED = 1e7;

/** The factor after a loss, and the least that remains. */
const FACTOR = 0.7;
const MIN_DATAGRAMS = 4;

export class LocalRate implements RateModel {
  readonly phase = 'cruise';
  readonly standingLoss = 0;
  bandwidth = 0;
  backOffs = 0;
  readonly #settings: LocalRateSettings;
  #inflightBytes: number;
  #loweredMs = -Infinity;

  constructor(settings: LocalRateSettings) {
    this.#settings = settings;
    this.#inflightBytes = settings.maxInflightBytes;
  }

  rate(): number {
    return Math.min(this.#settings.maxRate ?? UNLIMITED, UNLIMITED);
  }

  maxInflightBytes(): number {
    return this.#inflightBytes;
  }

  onReport({ nowMs, rttMs, lost, bytesPerMs }: PathSample): void {
    const { datagramBytes, maxInflightBytes } = this.#settings;
    if (bytesPerMs > 0) this.bandwidth = bytesPerMs;
    if (lost === 0) {
      this.#inflightBytes = Math.min(maxInflightBytes, this.#inflightBytes + datagramBytes);
    } else if (nowMs - this.#loweredMs > rttMs) {
      // Once for all losses of a round trip.
      this.#loweredMs = nowMs;
      this.#inflightBytes = Math.max(MIN_DATAGRAMS * datagramBytes, this.#inflightBytes * FACTOR);
      this.backOffs += 1;
    }
  }
}
