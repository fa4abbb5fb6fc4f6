/** What a sender of datagrams tells about itself and its path. */
import type { Phase } from './rate/phases.js';

/** What a sender has done, and what it knows about the path. */
export interface UdpSenderStats {
  readonly sentDatagrams: number;
  /** Datagrams with a payload that was sent before. */
  readonly resentDatagrams: number;
  readonly sentBytes: number;
  readonly lostDatagrams: number;
  readonly inflightBytes: number;
  /** Bytes of memory of payloads that have not been reported. */
  readonly retainedBytes: number;
  readonly datagramBytes: number;
  readonly phase: Phase;
  /** Times that congestion has lowered the rate. */
  readonly backOffs: number;
  /** Bytes per second. */
  readonly rate: number;
  readonly bandwidth: number;
  readonly rttUs: number;
  readonly minRttUs: number;
  readonly queueUs: number;
  /** Lost packets of all packets on a path without a queue, from 0 to 0.2. */
  readonly standingLoss: number;
}

/** What to remember of a path for the next connection. */
export interface PathSnapshot {
  /** Bytes per second. */
  readonly bandwidth: number;
  /** Whether the start had not found the bandwidth yet, so that the path may be faster. */
  readonly isLowerBound: boolean;
  readonly rttUs: number;
}
