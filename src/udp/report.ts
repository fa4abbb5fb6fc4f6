/** What a receiver tells its sender about datagrams, in frames over TCP. The terms are those of RTCP. */

export interface ReceiverReport {
  /** Every packet number below this one has arrived or is in a gap. */
  readonly resolvedTo: number;
  /** Bytes of all datagrams that have arrived. */
  readonly bytesReceived: number;
  /** The receiver's clock at the last arrival: microseconds, 32 bits, wraps. */
  readonly lastArrivalUs: number;
  /** The send time of the datagram that arrived last, by the sender's clock. */
  readonly lastSendTimeUs: number;
  /** The smallest difference of arrival and send time since the last report, signed. */
  readonly minOwdUs: number;
  /** Time from the last arrival to this report. */
  readonly holdUs: number;
  /** Lost packets since the last report: first packet number, count. */
  readonly gaps: readonly (readonly [start: number, length: number])[];
}
