/**
 * What the receiver of datagrams tells their sender. Reports travel over TCP, reliable and in order, so each one only says
 * what is new: the fate of every packet number is told exactly once.
 */
import { protocolError } from '../errors.js';

/** Packet numbers that were sent and whose fate is not known, at most: 78 MB of the smallest full datagrams. */
export const MAX_SPAN_PACKETS = 65_536;

/** Gaps in one report, which bound the size of its frame. The next report has the others. */
export const MAX_REPORTED_GAPS = 1_024;

/** Lost packets: the first number, and how many there are. */
export type Gap = readonly [start: number, length: number];

export interface ReceiverReport {
  /** Every packet below this number has arrived, or is in the gaps of this report or an earlier one. */
  readonly resolvedTo: number;
  /** Bytes of all datagrams so far, headers included, duplicates not. */
  readonly bytesReceived: number;
  /** When the last datagram arrived: the receiver's clock in microseconds modulo 2^32. */
  readonly lastArrivalUs: number;
  /** The time of sending in that datagram. */
  readonly lastSendTimeUs: number;
  /**
   * The smallest difference between arrival and time of sending since the last report, a signed 32-bit number because
   * both clocks start anywhere. `undefined` if nothing arrived.
   */
  readonly minOwdUs: number | undefined;
  /** Time from the arrival of that datagram to this report. */
  readonly holdUs: number;
  /** The packets below `resolvedTo` that are lost, in order. */
  readonly gaps: readonly Gap[];
}

/** What the sender knows when a report arrives. */
export interface ReportBounds {
  /** `resolvedTo` and `bytesReceived` of the report before. */
  readonly resolvedTo: number;
  readonly bytesReceived: number;
  /** Packets and bytes that were sent. */
  readonly sentTo: number;
  readonly bytesSent: number;
}

const MAX_U32 = 2 ** 32 - 1;

/** Throws EPROTO if a report contradicts itself, the report before, or what was sent. */
export function checkReport(report: ReceiverReport, bounds: ReportBounds): void {
  requireWithin('resolvedTo', report.resolvedTo, [bounds.resolvedTo, bounds.sentTo]);
  requireWithin('bytesReceived', report.bytesReceived, [bounds.bytesReceived, bounds.bytesSent]);
  requireWithin('lastArrivalUs', report.lastArrivalUs, [0, MAX_U32]);
  requireWithin('lastSendTimeUs', report.lastSendTimeUs, [0, MAX_U32]);
  requireWithin('holdUs', report.holdUs, [0, MAX_U32]);
  requireWithin('minOwdUs', report.minOwdUs ?? 0, [-(2 ** 31), 2 ** 31 - 1]);
  requireWithin('the number of gaps', report.gaps.length, [0, MAX_REPORTED_GAPS]);
  let next = bounds.resolvedTo;
  for (const [start, length] of report.gaps) {
    requireWithin('the start of a gap', start, [next, report.resolvedTo - 1]);
    requireWithin('the length of a gap', length, [1, report.resolvedTo - start]);
    next = start + length;
  }
}

function requireWithin(name: string, value: number, [min, max]: readonly [number, number]): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw protocolError(`In a receiver report ${name} is ${value}, which is not between ${min} and ${max}.`);
}
