/** What decides how fast a sender sends. Rates are in bytes per ms. */
import type { PathSample } from '../path/path-sample.js';
import type { Phase } from './phases.js';

export interface RateModel {
  /** The estimate of what the path carries. */
  readonly bandwidth: number;
  readonly phase: Phase;
  /** Packets that the path loses without a queue, of all packets. */
  readonly standingLoss: number;
  /** Times that congestion has lowered the rate. */
  readonly backOffs: number;
  /** The rate when the last report is `ageMs` old. */
  rate(ageMs: number): number;
  /** Bytes that may be in flight when the last report is `ageMs` old. */
  maxInflightBytes(ageMs: number): number;
  /** @param empties - whether to send less for a while, so that the queue becomes empty */
  onReport(sample: PathSample, empties: boolean): void;
}
