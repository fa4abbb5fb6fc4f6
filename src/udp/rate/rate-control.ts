/**
 * How fast to send, and how much may be in flight: a model of the path (the highest delivery rate, the shortest round trip,
 * the delay of the queue), as in BBR, with a response to losses beyond those that the path always has.
 *
 *     report -> PathSample -> bandwidth -> back-off under congestion -> x gain of the phase -> rate
 */
import { BackOff } from './back-off.js';
import { BandwidthFilter } from './bandwidth-filter.js';
import { Congestion } from './congestion.js';
import type { PathSample } from '../path/path-sample.js';
import type { RateModel } from './rate-model.js';
import { Phases, STARTUP_GAIN, type Phase } from './phases.js';
import { StandingQueue } from './standing-queue.js';
import { StandingLoss } from './standing-loss.js';

/** Rates are in bytes per ms, times in ms. */
export interface RateSettings {
  /** Bytes of a full datagram. */
  readonly datagramBytes: number;
  /** The round trip of the handshake. */
  readonly rttMs: number;
  /** Time between reports. */
  readonly reportMs: number;
  /** The rate to begin with, such as half of that of an earlier connection. Default 32 datagrams a round trip. */
  readonly initialRate?: number | undefined;
  /** Never send faster. Default Infinity. */
  readonly maxRate?: number | undefined;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

/** Datagrams of the first round trip, or of the first 5 ms: a near peer may be behind a slow link, too. */
const INITIAL_DATAGRAMS = 32;
const MIN_INITIAL_MS = 5;

/** Datagrams that may be in flight at any rate. */
const MIN_INFLIGHT_DATAGRAMS = 32;

/** Round trips of the bandwidth that may be in flight. */
const INFLIGHT_GAIN = 2;
const STARTUP_INFLIGHT_GAIN = 2.9;

/** The gain with which the queue is emptied to measure its delay. */
const EMPTYING_GAIN = 0.4;

/** Reports are late after this time: the rate is halved each `HALVE_EVERY_MS`. */
const LATE_MS = 1_000;
const HALVE_EVERY_MS = 250;

/** While a report is late, as much as in this time in ms may be sent beyond the limit. */
const MAX_AHEAD_MS = 500;

export class RateControl implements RateModel {
  /** The estimate of what the path carries. */
  bandwidth: number;
  readonly #settings: RateSettings;
  readonly #filter = new BandwidthFilter();
  readonly #standingLoss = new StandingLoss();
  readonly #standingQueue = new StandingQueue();
  readonly #congestion = new Congestion();
  readonly #backOff = new BackOff();
  readonly #phases: Phases;
  #rate: number;
  #maxInflightBytes: number;
  #rttMs: number;

  constructor(settings: RateSettings) {
    const { datagramBytes, rttMs, initialRate, random } = settings;
    this.#settings = settings;
    this.#rttMs = rttMs;
    const guess = (INITIAL_DATAGRAMS * datagramBytes) / Math.max(MIN_INITIAL_MS, rttMs);
    const isKnown = initialRate !== undefined && initialRate > guess;
    this.#rate = isKnown ? initialRate : guess;
    // A remembered rate is kept until it has been measured, a guess is multiplied as soon as anything has arrived.
    this.bandwidth = isKnown ? initialRate / STARTUP_GAIN : guess;
    // What leaves before the first report: if the remembered rate is wrong, no more must be lost than that.
    const startMs = isKnown ? rttMs + 2 * settings.reportMs : INFLIGHT_GAIN * Math.max(1, rttMs);
    this.#maxInflightBytes = this.#inflightBytes(this.#rate * startMs);
    this.#phases = new Phases(random);
  }

  get phase(): Phase {
    return this.#phases.phase;
  }

  get standingLoss(): number {
    return this.#standingLoss.ratio;
  }

  /** Times that congestion has lowered the rate. */
  get backOffs(): number {
    return this.#backOff.count;
  }

  /** The rate when the last report is `ageMs` old. */
  rate(ageMs: number): number {
    const halvings = ageMs > LATE_MS ? Math.floor((ageMs - LATE_MS) / HALVE_EVERY_MS) + 1 : 0;
    const rate = Math.max(this.#rate / 2 ** halvings, this.#minRate);
    return Math.min(rate, this.#settings.maxRate ?? Infinity);
  }

  /** Bytes that may be in flight when the last report is `ageMs` old. */
  maxInflightBytes(ageMs: number): number {
    const isLate = ageMs > 3 * this.#settings.reportMs;
    return this.#maxInflightBytes + (isLate ? this.rate(ageMs) * Math.min(MAX_AHEAD_MS, ageMs) : 0);
  }

  /** @param empties - whether to send less for a while, so that the queue becomes empty */
  onReport(sample: PathSample, empties: boolean): void {
    this.#rttMs = sample.rttMs;
    this.#measure(sample);
    this.#standingLoss.add(sample, this.phase === 'cruise');
    this.#correct(sample);
    const isCongested = this.#congestion.add(sample, this.standingLoss);
    if (isCongested && this.phase !== 'startup' && this.phase !== 'drain') this.#onCongestion(sample);
    const { bandwidth } = this;
    const { isHeavy } = this.#congestion;
    this.#phases.onReport(sample, { bandwidth, isHeavy, isLimited: this.#backOff.limits(bandwidth) });
    const gain = this.#backOff.gain(this.#phases.gain, sample.nowMs);
    this.#rate = this.bandwidth * (empties ? Math.min(gain, EMPTYING_GAIN) : gain);
    const inflightGain = this.phase === 'startup' ? STARTUP_INFLIGHT_GAIN : INFLIGHT_GAIN;
    this.#maxInflightBytes = this.#inflightBytes(
      inflightGain * this.bandwidth * (sample.minRttMs + sample.reportMs),
    );
  }

  #measure({ bytesPerMs, isAppLimited, nowMs, minRttMs }: PathSample): void {
    const isUsable = bytesPerMs > 0 && (!isAppLimited || bytesPerMs > this.bandwidth);
    if (isUsable && !this.#backOff.ignoresSamples(nowMs)) this.#filter.add(bytesPerMs, nowMs, minRttMs);
    this.#setBandwidth(this.#filter.bytesPerMs || this.bandwidth, nowMs);
  }

  /** Lowers a bandwidth that is too high before the queue overflows. */
  #correct(sample: PathSample): void {
    const bytesPerMs = this.#standingQueue.add(sample, this.phase === 'cruise');
    if (bytesPerMs === undefined || this.#backOff.ignoresSamples(sample.nowMs)) return;
    const bandwidth = Math.min(this.bandwidth, bytesPerMs);
    this.#filter.reset(bandwidth, sample.nowMs);
    this.#setBandwidth(bandwidth, sample.nowMs);
    this.#backOff.drain(sample);
  }

  #onCongestion(sample: PathSample): void {
    const { isHeavy } = this.#congestion;
    if (this.#phases.causesLosses(sample) && !isHeavy) {
      this.#phases.onProbeLoss(sample);
      this.#congestion.restart();
      return;
    }
    if (!this.#phases.hasSettled(sample)) return;
    const reached = this.#backOff.onCongestion(sample, this.bandwidth, isHeavy);
    if (reached === undefined) return;
    this.#filter.reset(reached, sample.nowMs);
    this.#setBandwidth(reached, sample.nowMs);
    this.#congestion.restart();
    this.#phases.onBackOff(sample);
  }

  #setBandwidth(bandwidth: number, nowMs: number): void {
    this.bandwidth = Math.max(this.#backOff.limit(bandwidth, nowMs), this.#minRate);
  }

  /** Four datagrams a round trip, queues included, so that there is always something to measure. */
  get #minRate(): number {
    return (4 * this.#settings.datagramBytes) / Math.max(10, this.#rttMs);
  }

  #inflightBytes(bytes: number): number {
    const { datagramBytes } = this.#settings;
    return Math.max(MIN_INFLIGHT_DATAGRAMS * datagramBytes, bytes + 8 * datagramBytes);
  }
}
